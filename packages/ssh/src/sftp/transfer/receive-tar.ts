import type { PlannedFile } from './plan.ts';
import { assignBytes, runRemote } from './remote-command.ts';
import { TarReader } from './tar-reader.ts';
import type { TransferHost } from './transfer-host.ts';

/** What headers, long names and the end of an archive may take beyond the content. */
const PER_FILE = 8 * 1024;
const PER_ARCHIVE = 1024 * 1024;

/**
 * Small files in one tar stream, each given to `onFile` when it is complete (the content is valid during the call). The archive's own names are only
 * looked up among those asked for: what was not asked for, or has another size than expected, is dropped.
 */
export async function receiveTar(
  host: TransferHost,
  root: Uint8Array,
  files: readonly PlannedFile[],
  onFile: (file: PlannedFile, content: Buffer) => void,
): Promise<void> {
  const { tar, xargs } = await host.capabilities();
  if (tar !== 'gnu' && !xargs) return;
  const wanted = new Map(files.map((file) => [file.relative, file]));
  const names = Buffer.from([...wanted.keys()].map((name) => `./${name}\0`).join(''), 'latin1');
  // Others than GNU tar do not read names ended by NUL: they get them as arguments, and may make several archives.
  const gnu = 'exec tar -cf - --format=gnu --no-recursion --hard-dereference --null -T -';
  const script = `${assignBytes('p', root)}; cd -- "$p" && ${tar === 'gnu' ? gnu : 'exec xargs -0 tar -cf -'}`;
  let expected = PER_ARCHIVE;
  for (const file of wanted.values()) expected += file.size + PER_FILE;
  const reader = new TarReader(
    {
      wants: ({ name, size }) => wanted.get(plain(name))?.size === size,
      entry: ({ name }, content) => {
        const file = wanted.get(plain(name));
        wanted.delete(plain(name));
        if (file) onFile(file, content);
      },
    },
    expected,
  );
  await runRemote(host.links, host.alias, script, {
    signal: host.signal,
    input: names,
    onData: (chunk) => reader.push(chunk),
  });
}

const plain = (name: string): string => (name.startsWith('./') ? name.slice(2) : name);
