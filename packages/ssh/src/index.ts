export type * from './links.ts';
export { createHostLinks, type HostLinksInput } from './pool/host-links.ts';
export { DEFAULT_LINK_SETTINGS, type LinkSettings } from './pool/settings.ts';
export { createRemoteFiles } from './sftp/remote-files.ts';
