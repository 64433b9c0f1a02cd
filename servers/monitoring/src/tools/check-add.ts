import { defineTool, FlotillaError, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import { apiCatalogue } from '../lib/api/service.ts';
import { parseUrl } from '../lib/api/settings.ts';
import {
  type CheckDefinition,
  CheckName,
  checkedHost,
  KINDS,
  parseHostPort,
  parseResolver,
  RECORD_TYPES,
} from '../lib/checks/definition.ts';
import { vantagesText } from '../lib/checks/render.ts';
import { runCheck } from '../lib/checks/run-check.ts';
import { checks, eyes } from '../lib/checks/service.ts';
import { CheckResult, resultOf } from '../lib/checks/state.ts';
import { HUB } from '../lib/probe/service.ts';

const Vantage = z
  .string()
  .regex(
    /^(?:hub|all|(?:group|env|tag):[A-Za-z0-9][A-Za-z0-9._-]{0,62}|[A-Za-z0-9][A-Za-z0-9._-]{0,62})$/,
    '`hub`, an alias, `group:NAME`, `env:NAME` or `tag:NAME`',
  );

export const checkAdd = defineTool({
  name: 'check_add',
  title: 'Add a check',
  description:
    'Watches something all the time from one or several vantage points (the hub, any hosts), runs it once and says what it saw; the same name replaces a check and keeps its history. ' +
    'Kinds: http (URL), api (name of api_add, with its login), tcp (host:port), tls (days left of a certificate), dns, ping, command (exit code 0 on hosts). ' +
    'It is down when more than half of the vantage points that could look say so, or `quorum` of them. ' +
    'Example: kind "http", target "https://shop.example", from ["hub", "group:web"].',
  effect: { max: 'destroy', of: ({ kind }) => (kind === 'command' ? 'destroy' : 'write') },
  targets: ({ kind, from }) => (kind === 'command' ? from.filter((word) => word !== HUB) : undefined),
  input: z.object({
    name: CheckName,
    kind: z.enum(KINDS).describe('What to check'),
    target: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .describe('URL, API name, host:port, or host name, by kind'),
    command: z
      .string()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Shell command of a command check; it is run again and again on the hosts'),
    from: z
      .array(Vantage)
      .min(1)
      .max(100)
      .default([HUB])
      .describe('Vantage points: "hub", aliases, "group:x", "env:x", "tag:x"'),
    intervalSeconds: z
      .number()
      .int()
      .min(10)
      .max(86_400)
      .default(60)
      .describe('Seconds from one run to the next'),
    timeoutMs: z.number().int().min(100).max(120_000).default(10_000).describe('Time for one look'),
    retries: z
      .number()
      .int()
      .min(0)
      .max(10)
      .default(1)
      .describe('Looks again so often before a failure counts'),
    quorum: z
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Vantage points that must see it down; default more than half'),
    method: z.enum(['GET', 'POST']).optional().describe('http: method, default GET'),
    expected_status: z
      .number()
      .int()
      .min(100)
      .max(599)
      .optional()
      .describe('http: status that means up; default 200–399'),
    expected_body: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('http, command: text that must be in the answer'),
    warnDays: z
      .number()
      .int()
      .min(0)
      .max(365)
      .optional()
      .describe('tls: down when fewer days are left; default 14'),
    recordType: z.enum(RECORD_TYPES).optional().describe('dns: default A'),
    expectedRecord: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('dns: record that must be among the answers'),
    resolver: z
      .string()
      .max(60)
      .optional()
      .describe('dns: address of the server to ask, with or without port; default that of the vantage point'),
    notes: z.string().max(1000).optional().describe('What is worth knowing about it'),
  }),
  output: z.object({ name: z.string(), created: z.boolean(), first: CheckResult }),
  run: async (context, input) => {
    const [store, looking] = await Promise.all([context.use(checks), context.use(eyes)]);
    const definition = definitionOf(input);
    if (definition.kind === 'api') (await context.use(apiCatalogue)).get(definition.target);
    for (const word of definition.from) if (word !== HUB) context.hosts.resolve(word);
    const { created } = await store.save(definition);
    const first = await runCheck({ eyes: looking, store, signal: context.signal }, definition);
    return { name: definition.name, created, first: resultOf(first) };
  },
  text: ({ name, created, first }) =>
    `${created ? 'Added' : 'Changed'} ${name}, now ${first.status.toUpperCase()}${first.reason ? `: ${visibleControls(first.reason)}` : ''}\n${vantagesText(first)}`,
});

type Input = Omit<CheckDefinition, 'target'> & { target?: string | undefined; command?: string | undefined };

/** INVALID_INPUT for what the kind cannot do. */
function definitionOf({ command, target, ...rest }: Input): CheckDefinition {
  const given = rest.kind === 'command' ? command : target;
  if (given === undefined)
    throw new FlotillaError(
      'INVALID_INPUT',
      `A ${rest.kind} check needs ${rest.kind === 'command' ? 'command' : 'target'}.`,
    );
  if (rest.kind === 'command' && rest.from.includes(HUB))
    throw new FlotillaError('INVALID_INPUT', 'Commands are run on hosts, never on the hub.', {
      hint: 'Name hosts in from, e.g. ["web1"].',
    });
  if (rest.kind === 'http') parseUrl(given);
  if (rest.kind === 'tcp') parseHostPort(given);
  if (rest.kind === 'tls') parseHostPort(given, 443);
  if (rest.resolver !== undefined) parseResolver(rest.resolver);
  if (rest.kind === 'dns' || rest.kind === 'ping') checkedHost(given);
  return { ...rest, from: [...new Set(rest.from)], target: given };
}
