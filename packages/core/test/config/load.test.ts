import { type LoadOptions, loadConfig, resolveAll } from '@flotilla/core/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const HOME = '/home/me';
const DATA = '/home/me/.config/flotilla';

/** Loads from a file system of strings. */
function load(
  env: Record<string, string>,
  files: Record<string, string | object> = {},
  more: Partial<LoadOptions> = {},
) {
  return loadConfig({
    env,
    homedir: HOME,
    readFile: async (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
      return typeof content === 'string' ? content : JSON.stringify(content);
    },
    ...more,
  });
}
const withFile = (content: string | object) => load({}, { [`${DATA}/config.json`]: content });
const refusal = (loading: Promise<unknown>) =>
  loading.then(
    () => 'accepted',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('defaults', () => {
  it('are those of the documentation', async () => {
    expect(await load({})).toEqual({
      dataDir: DATA,
      configFile: `${DATA}/config.json`,
      logLevel: 'info',
      compact: true,
      mounts: undefined,
      http: {
        host: '127.0.0.1',
        port: 7722,
        tokens: [],
        allowedHosts: [],
        allowedOrigins: [],
        sessionIdleMs: 1_800_000,
      },
      policy: { readonly: false, denyTools: [], commandDeny: [] },
      localRoots: [`${DATA}/files`],
      ssh: { maxConnections: 5, minConnections: 1, idleTimeoutMs: 300_000, keepAliveMs: 30_000 },
      jobs: {
        syncWaitMs: 30_000,
        commandTimeoutMs: 300_000,
        interactiveTimeoutMs: 120_000,
        maxWaitMs: 600_000,
        maxOpenRuns: 1_000,
      },
      workers: { labels: [], drainMs: 10_000 },
      limits: {
        historyMs: 2_678_400_000,
        historyRuns: 10_000,
        outputMs: 604_800_000,
        outputBytes: 1_073_741_824,
        auditMs: 31_536_000_000,
        textBytes: 48_000,
        stringBytes: 524_288,
        answerBytes: 1_048_576,
        listItems: 10_000,
        maxBodyBytes: 16_777_216,
      },
      clients: {},
      servers: {},
    });
  });

  it('cannot be changed afterwards', async () => {
    const config = await load({});
    expect(() => {
      (config.policy as { readonly: boolean }).readonly = true;
    }).toThrow(TypeError);
  });
});

describe('variables', () => {
  it.each([
    ['MCP_SYNC_TIMEOUT_S', '1.5', 'jobs', 'syncWaitMs', 1_500],
    ['MCP_SYNC_TIMEOUT_MS', '1500', 'jobs', 'syncWaitMs', 1_500],
    ['FLOTILLA_SYNC_TIMEOUT_S', '0', 'jobs', 'syncWaitMs', 0],
    ['MCP_DEFAULT_CMD_TIMEOUT_S', '7', 'jobs', 'commandTimeoutMs', 7_000],
    ['MCP_DEFAULT_CMD_TIMEOUT_MS', '7', 'jobs', 'commandTimeoutMs', 7],
    ['MCP_INTERACTIVE_CMD_TIMEOUT_S', '7', 'jobs', 'interactiveTimeoutMs', 7_000],
    ['MCP_INTERACTIVE_CMD_TIMEOUT_MS', '7', 'jobs', 'interactiveTimeoutMs', 7],
    ['MCP_MAX_WAIT_TIMEOUT_S', '7', 'jobs', 'maxWaitMs', 7_000],
    ['MAX_QUEUE_SIZE', '7', 'jobs', 'maxOpenRuns', 7],
    ['MAX_CONNECTIONS_PER_SERVER', '7', 'ssh', 'maxConnections', 7],
    ['MIN_CONNECTIONS_PER_SERVER', '0', 'ssh', 'minConnections', 0],
    ['IDLE_TIMEOUT', '7', 'ssh', 'idleTimeoutMs', 7],
    ['KEEP_ALIVE_INTERVAL', '7', 'ssh', 'keepAliveMs', 7],
    ['HISTORY_RETENTION', '7', 'limits', 'historyMs', 7],
    ['MCP_READONLY', 'yes', 'policy', 'readonly', true],
    ['FLOTILLA_READONLY', '1', 'policy', 'readonly', true],
    ['FLOTILLA_HTTP_HOST', '0.0.0.0', 'http', 'host', '0.0.0.0'],
    ['FLOTILLA_HTTP_PORT', '0', 'http', 'port', 0],
    ['FLOTILLA_HTTP_TOKEN', 'a-token-of-16-characters', 'http', 'token', 'a-token-of-16-characters'],
  ] as const)('%s=%s sets %s.%s', async (name, value, section, key, expected) => {
    const config = await load({ [name]: value });
    expect((config[section] as Record<string, unknown>)[key]).toBe(expected);
  });

  it.each([
    [
      { MCP_DATA_DIR: '/data' },
      { dataDir: '/data', configFile: '/data/config.json', localRoots: ['/data/files'] },
    ],
    [{ MCP_DATA_DIR: '/a', FLOTILLA_DATA_DIR: '~/b' }, { dataDir: '/home/me/b' }],
    [{ MCP_COMPACT: 'off' }, { compact: false }],
    [{ LOG_LEVEL: 'WARN', MCP_DEBUG: 'true' }, { logLevel: 'warn' }],
    [{ MCP_DEBUG: 'true' }, { logLevel: 'debug' }],
    [{ FLOTILLA_LOCAL_ROOTS: '/srv:~/up,/x/../y' }, { localRoots: ['/srv', '/home/me/up', '/y'] }],
    [{ MCP_ALLOWED_ROOTS: '/srv' }, { localRoots: ['/srv'] }],
    [{ FLOTILLA_MASTER_KEY: 'key' }, { masterKey: 'key' }],
    [
      { MAX_CONNECTIONS_PER_SERVER: '2', MIN_CONNECTIONS_PER_SERVER: '9' },
      { ssh: { maxConnections: 2, minConnections: 2 } },
    ],
    [{ MCP_SYNC_TIMEOUT_S: '1', FLOTILLA_SYNC_TIMEOUT_S: '2' }, { jobs: { syncWaitMs: 2_000 } }],
    [
      { MCP_SYNC_TIMEOUT_S: ' ', MCP_READONLY: '' },
      { jobs: { syncWaitMs: 30_000 }, policy: { readonly: false } },
    ],
  ])('%j gives %j', async (env, expected) => expect(await load(env as never)).toMatchObject(expected));

  it.each([
    [
      { MCP_SYNC_TIMEOUT_S: 'soon' },
      'INVALID_INPUT: The environment variable MCP_SYNC_TIMEOUT_S must be a number from 0 to 315360000, not "soon".',
    ],
    [{ MCP_SYNC_TIMEOUT_S: '-1' }, /MCP_SYNC_TIMEOUT_S must be a number/],
    [{ MCP_SYNC_TIMEOUT_MS: '1.5' }, /MCP_SYNC_TIMEOUT_MS must be a whole number/],
    [{ FLOTILLA_HTTP_PORT: '70000' }, /FLOTILLA_HTTP_PORT must be a number from 0 to 65535/],
    [{ MAX_CONNECTIONS_PER_SERVER: '0' }, /MAX_CONNECTIONS_PER_SERVER/],
    [{ MCP_READONLY: 'maybe' }, /MCP_READONLY must be true or false, not "maybe"/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of trace, debug/],
    [{ FLOTILLA_HTTP_TOKEN: 'short' }, /FLOTILLA_HTTP_TOKEN must have 16/],
    [{ FLOTILLA_DATA_DIR: 'relative' }, /The data folder must be an absolute path/],
    [{ FLOTILLA_LOCAL_ROOTS: 'x' }, /A local root must be an absolute path/],
    [{ FLOTILLA_LOCAL_ROOTS: `${DATA}/output` }, /lies in the data folder/],
    [{ FLOTILLA_CONFIG: '/none.json' }, /FLOTILLA_CONFIG names \/none\.json, which does not exist/],
  ])('%j is refused', async (env, message) => expect(await refusal(load(env as never))).toMatch(message));

  it('of other programs mean nothing here', async () => {
    const others = {
      ...{ DEBUG: 'express:*', DATA_DIR: '/srv/data', CONFIG: '/etc/other.json', MASTER_KEY: 'theirs' },
      ...{
        READONLY: 'maybe',
        COMPACT: 'x',
        HTTP_PORT: 'tcp://10.0.0.1:80',
        HTTP_TOKEN: 'x',
        LOCAL_ROOTS: 'x',
      },
    };
    expect(await load(others)).toEqual(await load({}));
  });

  it('are read or refused by name, whatever they hold', async () => {
    const names = ['MCP_SYNC_TIMEOUT_S', 'IDLE_TIMEOUT', 'MCP_READONLY', 'LOG_LEVEL', 'FLOTILLA_HTTP_PORT'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.string(), async (name, value) => {
        const outcome = await refusal(load({ [name]: value }));
        if (outcome !== 'accepted') expect(outcome).toContain(name);
      }),
    );
  });
});

describe('the config file', () => {
  it('mounts servers of three kinds', async () => {
    const { mounts } = await withFile({
      $schema: 'x',
      mcpServers: {
        sftp: {},
        shell: { builtin: 'ssh-exec', disabled: true },
        github: { command: 'npx', args: ['-y', 'x'], env: { T: 'v' }, cwd: '/srv', timeoutMs: 5 },
        far: { url: 'https://host/mcp', headers: { a: 'b' } },
      },
    });
    expect(mounts).toEqual([
      { name: 'sftp', disabled: false, kind: 'builtin', builtin: 'sftp' },
      { name: 'shell', disabled: true, kind: 'builtin', builtin: 'ssh-exec' },
      {
        name: 'github',
        disabled: false,
        timeoutMs: 5,
        kind: 'command',
        command: 'npx',
        args: ['-y', 'x'],
        env: { T: 'v' },
        cwd: '/srv',
      },
      { name: 'far', disabled: false, kind: 'url', url: 'https://host/mcp', headers: { a: 'b' } },
    ]);
  });

  it('sets what variables set, and more', async () => {
    const tokens = { ci: 'a-token-of-16-characters' };
    const file = {
      http: {
        port: 9,
        tokens,
        allowedHosts: ['hub'],
        allowedOrigins: ['page'],
        host: '::1',
        sessionIdleMs: 1,
      },
      policy: { readonly: true, denyTools: ['x_*'], commandDeny: ['^rm'] },
      localRoots: ['~/up'],
      ssh: { maxConnections: 3, minConnections: 2, idleTimeoutMs: 4, keepAliveMs: 5 },
      jobs: { syncWaitMs: 1, commandTimeoutMs: 2, interactiveTimeoutMs: 3, maxWaitMs: 4, maxOpenRuns: 5 },
      limits: { historyMs: 1, historyRuns: 2, listItems: 3, auditMs: 4, outputMs: 5, outputBytes: 2_000 },
      clients: { 'claude-*': { allow: ['a'] }, other: { deny: ['b'] } },
    };
    const config = await withFile(file);
    expect(config).toMatchObject({
      ...file,
      http: { ...file.http, tokens: [{ name: 'ci', token: tokens.ci }] },
      localRoots: ['/home/me/up'],
    });
  });

  it('loses to the .env of the data folder, and that to the environment', async () => {
    const files = {
      '/d/config.json': { jobs: { syncWaitMs: 1_000, maxWaitMs: 1_000, maxOpenRuns: 1 } },
      '/d/.env':
        'MCP_SYNC_TIMEOUT_S=2\nexport MCP_MAX_WAIT_TIMEOUT_S="2" # two\nFLOTILLA_DATA_DIR=/elsewhere\n',
      '.env': 'MAX_QUEUE_SIZE=99',
      [`${process.cwd()}/.env`]: 'MAX_QUEUE_SIZE=99',
    };
    const config = await load({ FLOTILLA_DATA_DIR: '/d', MCP_SYNC_TIMEOUT_S: '3' }, files);
    expect(config).toMatchObject({
      dataDir: '/d',
      jobs: { syncWaitMs: 2_000, maxWaitMs: 2_000, maxOpenRuns: 1 },
    });
  });

  it('cannot let a call wait longer than the longest wait', async () => {
    const { jobs } = await load({ MCP_SYNC_TIMEOUT_S: '30', MCP_MAX_WAIT_TIMEOUT_S: '0' });
    expect(jobs).toMatchObject({ syncWaitMs: 0, maxWaitMs: 0 });
  });

  it('can be elsewhere and start with a byte order mark', async () => {
    const config = await load(
      { FLOTILLA_CONFIG: '~/f.json' },
      { '/home/me/f.json': '\uFEFF{"http":{"port":1}}' },
    );
    expect(config).toMatchObject({ configFile: '/home/me/f.json', http: { port: 1 } });
  });

  it.each([
    ['{', /^INVALID_INPUT: The config file .*config\.json is not JSON/],
    [{ mcpServer: {} }, /config\.json: unknown key "mcpServer"; allowed: mcpServers, http, policy/],
    [{ http: { prot: 1 } }, /unknown key "prot" in http; allowed: host, port, tokens/],
    [
      { mcpServers: { a: { cmd: 'x' } } },
      /unknown key "cmd" in mcpServers\.a; allowed: builtin, command, args/,
    ],
    [
      { mcpServers: { a: { command: 'x', url: 'http://h' } } },
      /mcpServers\.a: give one of builtin, command and url/,
    ],
    [{ mcpServers: { 'a b': {} } }, /mcpServers/],
    [{ mcpServers: { a: { url: 'file:///etc' } } }, /mcpServers\.a\.url/],
    [{ policy: { commandDeny: ['('] } }, /policy\.commandDeny\.0: a regular expression/],
    [{ http: { tokens: { x: 'short' } } }, /http\.tokens\.x: 16 characters/],
    [{ jobs: { syncWaitMs: '1' } }, /jobs\.syncWaitMs: .*expected number/],
    [[], /expected object/],
  ])('%j is refused', async (content, message) => expect(await refusal(withFile(content))).toMatch(message));

  it('that cannot be read is named', async () => {
    const readFile = async () => {
      throw Object.assign(new Error('no'), { code: 'EACCES' });
    };
    expect(await refusal(load({}, {}, { readFile }))).toMatch(/\.env cannot be read/);
  });
});

describe('references', () => {
  const file = {
    mcpServers: {
      a: { url: 'https://h', headers: { authorization: `Bearer \${env:TOKEN}`, key: `\${vault:api}` } },
    },
    http: { tokens: { ci: `\${vault:ci}` } },
  };

  it('take values from the environment and the .env, and tell which may be secret', async () => {
    const secrets: string[] = [];
    const more = { localRoots: [`\${env:ROOT}`] };
    const files = { [`${DATA}/config.json`]: { ...file, ...more }, [`${DATA}/.env`]: 'TOKEN=t0' };
    const config = await load({ ROOT: '/up' }, files, { onSecret: (value: string) => secrets.push(value) });
    expect(config.mounts).toMatchObject([{ headers: { authorization: 'Bearer t0' } }]);
    expect(config.localRoots).toEqual(['/up']);
    expect(secrets).toEqual(['t0']);
  });

  it('to the vault stay until it is open', async () => {
    const config = await load({ TOKEN: 't' }, { [`${DATA}/config.json`]: file });
    expect(config.mounts).toMatchObject([{ headers: { key: `\${vault:api}` } }]);
    expect(config.http.tokens).toEqual([{ name: 'ci', token: `\${vault:ci}` }]);
  });

  it('to the vault are filled in where they stand, or refused by name with the command to run', () => {
    const vault = (name: string) => (name === 'api' ? 'from-vault' : undefined);
    const secrets: string[] = [];
    const sources = { vault, onSecret: (value: string) => secrets.push(value) };
    expect(resolveAll(file.mcpServers.a, sources, 'mcpServers.a')).toMatchObject({
      headers: { authorization: `Bearer \${env:TOKEN}`, key: 'from-vault' },
    });
    expect(secrets).toEqual(['from-vault']);
    expect(() => resolveAll(file.http, sources, 'http')).toThrowError(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: 'http.tokens.ci names the secret ci of the vault, which is not there.',
        hint: 'Store it with: flotilla secret set ci',
      }),
    );
  });

  it.each([
    [{ localRoots: [`/srv/\${vault:x}`] }, 'localRoots.0'],
    [{ mcpServers: { a: { command: 'x', args: [`--token=\${vault:x}`] } } }, 'mcpServers.a.args.0'],
    [{ mcpServers: { a: { url: `https://h/\${vault:x}` } } }, 'mcpServers.a.url'],
    [{ policy: { denyTools: [`\${vault:x}`] } }, 'policy.denyTools.0'],
  ])('to the vault are refused where everybody could read them: %j', async (content, key) => {
    expect(await refusal(withFile(content))).toBe(
      `INVALID_INPUT: ${key} names the secret x of the vault; it cannot stand there.`,
    );
  });

  it('to nothing are refused by name', async () => {
    expect(await refusal(withFile(file))).toBe(
      'INVALID_INPUT: mcpServers.a.headers.authorization names the environment variable TOKEN, which is not set.',
    );
  });
});
