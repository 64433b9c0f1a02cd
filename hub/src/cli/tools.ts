import type { PublishedTool } from '@flotilla/core';
import type { Command } from 'commander';
import { effectOfHints } from '../effect-of-hints.ts';
import { describeTool } from './calls/describe-tool.ts';
import type { Cli } from './cli.ts';
import { action, define } from './define.ts';
import { cliPrincipal } from './principal.ts';
import { EXIT } from './terminal/exit-codes.ts';
import { table } from './terminal/table.ts';

/** A mounted server that is slower is listed next time. */
const MOUNTS_MS = 5_000;

/** Tools whose name, title or description holds every word; those with a word in their name first. */
export function searchTools(tools: readonly PublishedTool[], words: readonly string[]): PublishedTool[] {
  const wanted = words.map((word) => word.toLowerCase());
  const inName = (tool: PublishedTool): number => wanted.filter((word) => tool.name.includes(word)).length;
  return tools
    .filter((tool) => {
      const text = `${tool.name} ${tool.title ?? ''} ${tool.description ?? ''}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    })
    .sort((a, b) => inName(b) - inName(a) || a.name.localeCompare(b.name));
}

const firstSentence = (text: string): string => /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;

export function toolsCommand(program: Command, cli: Cli): void {
  const { terminal } = cli;
  define(program, {
    usage: 'tools [search...]',
    summary: 'List the tools, or show one in full',
    description: 'Lists the tools that match every word. The exact name of a tool shows its arguments.',
    examples: ['tools', 'tools transfer', 'tools task_exec'],
  }).action(
    action(cli, async ({ json, verbose }, ...words) =>
      cli.withHub({ mounts: true, verbose: verbose === true }, async (hub, base) => {
        await hub.endpoint.settled(MOUNTS_MS);
        const tools = hub.endpoint.listTools(cliPrincipal(base));
        const exact = words.length === 1 ? tools.find(({ name }) => name === words[0]) : undefined;
        const found = exact ? [exact] : searchTools(tools, words);
        if (json) terminal.json(found);
        else if (exact) terminal.print(describeTool(exact, terminal.color));
        else if (found.length > 0) terminal.print(listing(found, cli));
        else terminal.note(`No tool matches ${words.join(' ')}. All: flotilla tools`);
        return found.length > 0 ? EXIT.ok : EXIT.notFound;
      }),
    ),
  );
}

function listing(tools: readonly PublishedTool[], { terminal }: Cli): string {
  const { color, columns } = terminal;
  const paint = { read: color.green, write: color.yellow, destroy: color.red };
  return table<PublishedTool>(
    [
      { title: 'tool', value: ({ name }) => name, style: color.cyan },
      { title: 'effect', value: effectOfHints, style: (text, tool) => paint[effectOfHints(tool)](text) },
      {
        title: 'what it does',
        value: ({ description, title }) => firstSentence(description ?? title ?? ''),
        flexible: true,
      },
    ],
    tools,
    { columns, heading: color.dim },
  );
}
