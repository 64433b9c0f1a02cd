import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@flotilla/testkit';

/** A project folder on the host that the tests and its sshd share. */
export interface ComposeFolder {
  path: string;
  /** Writes a file of the folder; default the compose file. */
  write(text: string, name?: string): void;
  remove(): void;
}

export function composeFolder(text: string, name = 'project'): ComposeFolder {
  const home = tempDir('flotilla-compose-');
  chmodSync(home.path, 0o755);
  const path = join(home.path, name);
  mkdirSync(path);
  const write: ComposeFolder['write'] = (content, file = 'compose.yaml') =>
    writeFileSync(join(path, file), content);
  write(text);
  return { path, write, remove: home.remove };
}
