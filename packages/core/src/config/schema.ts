import { z } from 'zod';

const milliseconds = z
  .int()
  .min(0)
  .max(10 * 365 * 86_400_000);
const count = z.int().min(0).max(10_000_000);
const bytes = z.int().min(1_024).max(1_099_511_627_776);
const names = z.array(z.string().min(1).max(256)).max(1_000);

function isRegex(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

const Label = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'lower-case letters, digits, _ and -');

const Mount = z
  .strictObject({
    builtin: z.string().optional().describe('Name of a built-in server; default: the name of the entry'),
    command: z.string().min(1).optional().describe('Program of a server that speaks MCP on stdio'),
    args: z.array(z.string()).optional(),
    env: z
      .record(z.string(), z.string())
      .optional()
      .describe('Its whole environment beside PATH, HOME and the like'),
    cwd: z.string().optional(),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Streamable HTTP endpoint of a running server'),
    headers: z.record(z.string(), z.string()).optional(),
    worker: z
      .boolean()
      .optional()
      .describe(
        'One of our servers whose runs are taken by workers; with url they carry out its other calls too',
      ),
    disabled: z.boolean().optional(),
    timeoutMs: milliseconds.optional().describe('Longest silence of a call before it fails'),
  })
  .refine(
    (mount) => [mount.builtin, mount.command, mount.url].filter((way) => way !== undefined).length <= 1,
    'give one of builtin, command and url',
  )
  .refine(
    (mount) => !mount.worker || (mount.command === undefined && mount.builtin === undefined),
    'a worker has a url at most: its name says which server it is',
  );

const Http = z.strictObject({
  host: z.string().min(1).optional().describe('Address to listen on; default 127.0.0.1'),
  port: z.int().min(0).max(65_535).optional().describe('Default 7722; 0 picks a free one'),
  tokens: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,31}$/i),
      z.string().regex(/^(?:\S{16,}|\$\{vault:.+\})$/, '16 characters and more, no spaces'),
    )
    .optional()
    .describe('Name of a caller to its bearer token of 16 characters and more'),
  allowedHosts: names
    .optional()
    .describe('Host names under which this server is reached, beside loopback ones'),
  allowedOrigins: names.optional().describe('Host names of web pages that may call'),
  sessionIdleMs: milliseconds.optional(),
});

const Policy = z.strictObject({
  readonly: z.boolean().optional().describe('Only tools that change nothing'),
  denyTools: names.optional().describe('Tool names, * allowed, that nobody may call'),
  commandDeny: z
    .array(z.string().max(1_000).refine(isRegex, 'a regular expression'))
    .optional()
    .describe('Regular expressions of commands that are refused'),
});

const Ssh = z.strictObject({
  maxConnections: z.int().min(1).max(100).optional().describe('Per host, default 5'),
  minConnections: z.int().min(0).max(100).optional().describe('Per host, default 1'),
  idleTimeoutMs: milliseconds.optional().describe('Default 300000'),
  keepAliveMs: milliseconds.optional().describe('Default 30000; 0 = none'),
});

const Jobs = z.strictObject({
  syncWaitMs: milliseconds
    .optional()
    .describe('Wait before a long call answers with a handle, default 30000'),
  commandTimeoutMs: milliseconds.optional().describe('Default 300000; 0 = none'),
  interactiveTimeoutMs: milliseconds.optional().describe('Default 120000; 0 = none'),
  maxWaitMs: milliseconds
    .optional()
    .describe('Longest wait of one call, its syncWaitMs too; default 600000, 0 = never wait'),
  maxOpenRuns: count.optional().describe('Default 1000; QUEUE_FULL beyond'),
  redisUrl: z
    .string()
    .min(1)
    .optional()
    .describe('redis:// or rediss:// of the queue; absent: the queue is in the data folder'),
  redisPasswordFile: z.string().min(1).optional().describe('File that holds the password of that Redis'),
});

const Workers = z.strictObject({
  tokensDir: z
    .string()
    .min(1)
    .optional()
    .describe('Of the hub: folder of files, each named after a server and holding the token of its workers'),
  hubUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Of a worker: the HTTP address of its hub'),
  tokenFile: z.string().min(1).optional().describe('Of a worker: file that holds its token'),
  labels: z.array(Label).max(4).optional().describe('Of a worker: the networks that it reaches'),
  drainMs: milliseconds
    .optional()
    .describe('Of a worker: how long runs may take to end when it is stopped, default 10000'),
});

const Limits = z.strictObject({
  historyMs: milliseconds.optional().describe('Runs are kept this long, default 31 days'),
  historyRuns: count.optional().describe('And this many, default 10000'),
  outputMs: milliseconds.optional().describe('Output of runs is kept this long, default 7 days'),
  outputBytes: bytes.optional().describe('And this much of it, default 1 GiB'),
  auditMs: milliseconds.optional().describe('Default one year'),
  textBytes: bytes.optional().describe('Text of one answer, default 48000'),
  stringBytes: bytes.optional().describe('One string of a structured answer, default 512 KiB'),
  answerBytes: bytes.optional().describe('All strings of a structured answer, default 1 MiB'),
  listItems: count.optional().describe('One list of a structured answer, default 10000'),
  maxBodyBytes: bytes.optional().describe('Body of one HTTP request, default 16 MiB'),
});

const Client = z.strictObject({
  allow: names.optional().describe('Tool names, * allowed, that this client sees; default all'),
  deny: names.optional().describe('Tool names, * allowed, that it does not see'),
});

const MOUNT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** The config file. Every key is optional; an unknown one is an error. */
export const ConfigFile = z.strictObject({
  $schema: z.string().optional(),
  mcpServers: z.record(z.string().regex(MOUNT_NAME), Mount).optional().describe('Servers to mount, by name'),
  http: Http.optional(),
  policy: Policy.optional(),
  localRoots: z
    .array(z.string().min(1))
    .optional()
    .describe('Folders of this machine that transfers may use; default <data>/files'),
  ssh: Ssh.optional(),
  jobs: Jobs.optional(),
  workers: Workers.optional(),
  limits: Limits.optional(),
  servers: z
    .record(z.string().regex(MOUNT_NAME), z.record(z.string(), z.unknown()))
    .optional()
    .describe('Settings of single servers, by name'),
  clients: z.record(z.string().min(1), Client).optional().describe('Tools per MCP client name, * allowed'),
});

export type ConfigFile = z.output<typeof ConfigFile>;

/** JSON Schema of the config file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(ConfigFile, { io: 'input', target: 'draft-7', unrepresentable: 'any' }),
    title: 'Flotilla configuration',
  };
}
