export { createShell, type Shell, type ShellInput } from './channel/shell.ts';
export type * from './links.ts';
export { createHostLinks, type HostLinksInput } from './pool/host-links.ts';
export { DEFAULT_LINK_SETTINGS, type LinkSettings } from './pool/settings.ts';
export { quote, quoteAll } from './quote.ts';
export { type CommandRunnerInput, createCommandRunner } from './runner/command-runner.ts';
export { createRemoteFiles } from './sftp/remote-files.ts';
