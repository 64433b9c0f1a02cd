import { join } from 'node:path';
import type { SshdOptions } from './sshd.ts';

export interface ConfigInput {
  options: SshdOptions;
  port: number;
  folder: string;
  /** Replaces the user's home folder for commands and SFTP. */
  home: string | undefined;
  hostKeyPaths: readonly string[];
}

/** Lines of sshd_config(5) without the addresses. */
export function sshdConfig({ options, port, folder, home, hostKeyPaths }: ConfigInput): string[] {
  const passwords = options.passwords ? 'yes' : 'no';
  return [
    ...(options.config ?? []),
    `Port ${port}`,
    ...hostKeyPaths.map((path) => `HostKey ${path}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'PermitRootLogin yes',
    `UsePAM ${passwords}`,
    `PasswordAuthentication ${passwords}`,
    `KbdInteractiveAuthentication ${passwords}`,
    ...(home ? [`SetEnv HOME=${home}`] : []),
    'LogLevel VERBOSE',
    `Subsystem sftp internal-sftp${home ? ` -d ${home}` : ''}`,
  ];
}
