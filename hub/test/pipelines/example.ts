import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const EXAMPLES = join(import.meta.dirname, '../../../docs/examples');
export const HOSTS = ['web1', 'web2', 'web3'];

/** An example, with folders of this test in the place of those of real hosts: three hosts of one machine need three. */
export const example = (name: string, folders: Record<string, string>): string =>
  Object.entries(folders).reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    readFileSync(join(EXAMPLES, `${name}.yaml`), 'utf8'),
  );
/** An executable shell script. */
export const program = (path: string, text: string): void => {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
};
