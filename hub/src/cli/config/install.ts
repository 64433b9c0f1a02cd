import { lineDiff } from '../../snippets/diff.ts';
import { type Client, SERVER_NAME } from '../../snippets/index.ts';
import { withEntry } from '../../snippets/merge.ts';
import { readConfig, replaceConfig } from '../../snippets/write-config.ts';
import type { Cli } from '../cli.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';

interface Installation {
  client: Client;
  file: string;
  entry: Record<string, unknown>;
}

/** Shows what changes in a client's file, asks, writes. The file is read again just before it is replaced. */
export async function installEntry(
  cli: Cli,
  { client, file, entry }: Installation,
  options: { yes?: boolean; json?: boolean },
): Promise<number> {
  const { terminal } = cli;
  const before = await readConfig(file);
  const after = withEntry(client, file, before, SERVER_NAME, entry);
  if (before === after) {
    if (options.json) terminal.json({ file, changed: false });
    else terminal.note(`${file} has this entry already.`);
    return EXIT.ok;
  }
  terminal.note(`${before === undefined ? 'Would create' : 'Would change'} ${file}:`);
  for (const line of lineDiff(before ?? '', after)) terminal.note(paint(terminal.noteColor, line));
  if (!(await confirm(cli, `Write this for ${client.title}?`, options.yes))) {
    terminal.note('Nothing was changed.');
    return EXIT.failed;
  }
  const now = await readConfig(file);
  const backup = await replaceConfig(file, withEntry(client, file, now, SERVER_NAME, entry));
  if (options.json) terminal.json({ file, changed: true, ...(backup && { backup }) });
  else {
    terminal.note(`Written to ${file}${backup ? `; the old one is ${backup}` : ''}.`);
    terminal.note(`Restart ${client.title} to load it.`);
  }
  return EXIT.ok;
}

function paint(color: Cli['terminal']['noteColor'], line: string): string {
  if (line.startsWith('+')) return color.green(line);
  return line.startsWith('-') ? color.red(line) : color.dim(line);
}
