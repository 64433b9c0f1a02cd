import { FlotillaError } from '@flotilla/core';
import { prepareDataDir } from '@flotilla/core/config';
import { httpToken, type ProcessBase } from '@flotilla/runtime';
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { configuredUrl } from './connections.ts';
import { action, define } from './define.ts';
import { EXIT } from './terminal/exit-codes.ts';

/** The token of the config and of this data folder belong to this machine's hub: no other one gets them by itself. */
async function tokenFor({ config }: ProcessBase, url: URL, own: string): Promise<string> {
  if (config.http.token) return config.http.token;
  if (new URL(own).host !== url.host)
    throw new FlotillaError('INVALID_INPUT', `The token of ${url.host} is missing.`, {
      hint: 'Set FLOTILLA_HTTP_TOKEN to the token that hub printed.',
    });
  await prepareDataDir(config.dataDir);
  return httpToken(config.dataDir);
}

export function connectCommand(program: Command, cli: Cli): void {
  define(program, {
    usage: 'connect [url]',
    summary: 'Bridge stdio to a hub that serves HTTP, for clients that only start programs',
    description:
      'Carries MCP between stdin and stdout and a running hub; the token comes from FLOTILLA_HTTP_TOKEN or this data folder. ' +
      'Ends when stdin ends.',
    examples: ['connect http://127.0.0.1:7722/mcp'],
  }).action(
    action(cli, async (_options, address?: string) => {
      const base = await cli.base();
      const own = configuredUrl(base);
      const url = parseUrl(address ?? own);
      const token = await tokenFor(base, url, own);
      const { bridge } = await import('../gateway/bridge.ts');
      const { stdin, stdout } = cli.world;
      await bridge({ url, token, stdin, stdout, log: base.log });
      return EXIT.ok;
    }),
  );
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new FlotillaError('INVALID_INPUT', `${text} is no http(s) URL.`);
}
