// docker_list over a warm connection, against the same question put to the Engine API over the same kind of forward,
// and against the docker client with `-H ssh://`. BENCH_QUICK=1: fewer calls.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { importBusybox, startDockerd, startSshd } from '@flotilla/testkit';
import { Client } from 'ssh2';
import { startMcp, textOf } from './lib/mcp-client.ts';
import { median, quantile, sequential } from './lib/stats.ts';
import { hubCommand, hubEnvironment } from './lib/subjects.ts';
import { printTable } from './lib/table.ts';

const CONTAINERS = 10;
const CALLS = process.env['BENCH_QUICK'] ? 50 : 300;
const CLIENT_CALLS = process.env['BENCH_QUICK'] ? 5 : 15;

const [dockerd, sshd] = await Promise.all([startDockerd(), startSshd()]);
importBusybox(dockerd, 'box:1');
for (let index = 0; index < CONTAINERS; index++)
  dockerd.docker('run', '-d', '--name', `app-${index}`, 'box:1', 'sleep', '3600');
// A list looks closer at containers that began just now.
await new Promise((resolve) => setTimeout(resolve, 65_000));

/** The bare minimum: one ssh2 connection, one kept forward to the socket, GET and JSON.parse. */
async function rawApi(): Promise<{ list(): Promise<void>; close(): void }> {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({
      host: sshd.host,
      port: sshd.port,
      username: sshd.user,
      privateKey: readFileSync(sshd.keyPath),
      algorithms: { cipher: ['aes128-gcm@openssh.com'] },
    });
  });
  client.setNoDelay(true);
  // sshd sets TCP_NODELAY with the first session.
  await new Promise<void>((resolve, reject) =>
    client.exec('exit', (error, channel) =>
      error ? reject(error) : channel.on('close', () => resolve()).resume(),
    ),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const like = {
    setKeepAlive: () => undefined,
    setNoDelay: () => undefined,
    setTimeout: () => undefined,
    ref: () => undefined,
    unref: () => undefined,
  };
  agent.createConnection = ((_: unknown, done: (error: Error | null, stream?: Duplex) => void) => {
    client.openssh_forwardOutStreamLocal(dockerd.socket, ((error: Error | undefined, stream: Duplex) =>
      done(error ?? null, Object.assign(stream, like) as Duplex)) as never);
  }) as never;
  return {
    list: () =>
      new Promise((resolve, reject) => {
        const asked = request({ agent, host: 'engine', path: '/v1.41/containers/json?all=1' }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const found = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown[];
            found.length === CONTAINERS ? resolve() : reject(new Error(`${found.length} containers`));
          });
        });
        asked.on('error', reject);
        asked.end();
      }),
    close: () => {
      agent.destroy();
      client.end();
    },
  };
}

const env = hubEnvironment({ ...sshd });
const home = env['HOME'] ?? '';
const keyPath = join(home, '.ssh', 'id_bench');
mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
mkdirSync(join(home, '.config', 'flotilla'), { recursive: true, mode: 0o700 });
copyFileSync(sshd.keyPath, keyPath);
chmodSync(keyPath, 0o600);
const config = { servers: { docker: { sockets: { bench: dockerd.socket } } } };
writeFileSync(join(home, '.config', 'flotilla', 'config.json'), JSON.stringify(config));

/** `docker -H ssh://`: a new ssh for every call, which runs `docker system dial-stdio` on the host. */
const identity = [
  '-i',
  keyPath,
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  `UserKnownHostsFile=${home}/known_hosts`,
  '-o',
  'LogLevel=ERROR',
];
const bin = join(home, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh ${identity.join(' ')} "$@"\n`, { mode: 0o755 });
const dockerOverSsh = (): void => {
  const host = `ssh://${sshd.user}@${sshd.host}:${sshd.port}${dockerd.socket}`;
  const args = ['-H', host, 'ps', '-a', '--format', '{{json .}}'];
  const printed = execFileSync('docker', args, {
    encoding: 'utf8',
    env: { HOME: home, PATH: `${bin}:${process.env['PATH']}` },
  });
  if (printed.trim().split('\n').length !== CONTAINERS)
    throw new Error(`docker -H ssh:// printed: ${printed}`);
};

const hub = await startMcp(hubCommand.command, hubCommand.args, env);
const raw = await rawApi();
try {
  const added = await hub.call('server_add', {
    alias: 'bench',
    host: sshd.host,
    port: sshd.port,
    user: sshd.user,
    keyPath,
  });
  if (added.isError) throw new Error(textOf(added));
  const list = async (): Promise<void> => {
    const answer = await hub.call('docker_list', { alias: 'bench' });
    const [row] = (answer.structuredContent?.['rows'] ?? []) as { total?: number }[];
    if (row?.total !== CONTAINERS) throw new Error(textOf(answer));
  };
  // In turns, so that other load on the machine meets both alike.
  const ours: number[] = [];
  const theirs: number[] = [];
  const client: number[] = [];
  for (let round = 0; round < 5; round++) {
    theirs.push(...(await sequential(CALLS / 5, 5, raw.list)));
    ours.push(...(await sequential(CALLS / 5, 5, list)));
    client.push(...(await sequential(CLIENT_CALLS / 5, round === 0 ? 1 : 0, async () => dockerOverSsh())));
  }
  const row = (name: string, times: number[]) => [
    name,
    median(times),
    quantile(times, 0.9),
    `${(median(times) / median(theirs)).toFixed(2)} x`,
    `${(median(client) / median(times)).toFixed(1)} x`,
  ];
  printTable(
    `List of ${CONTAINERS} containers over SSH, ms`,
    ['way', 'median', '90 %', 'of the raw API', 'faster than docker -H ssh://'],
    [
      row('raw Engine API over a warm forward', theirs),
      row('docker_list, MCP call to answer', ours),
      row('docker -H ssh:// ps', client),
    ],
  );
} finally {
  raw.close();
  await hub.close();
  await sshd.stop();
  await dockerd.stop();
}
