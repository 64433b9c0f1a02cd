import { once } from 'node:events';
import { chmodSync, chownSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createUser, freePort, startProxy, startSshd, waitFor, whyNoUsers } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { openStream } from '../../src/forward/open-stream.ts';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { ownSshd } from '../support/own-sshd.ts';

const { sshd, folder } = ownSshd();
const { later, links } = cleanup();

async function echo(at: string | number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  later(() => server.close());
  if (typeof at === 'string') server.listen(at);
  else server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const forwarder = async (server = sshd) =>
  (await links({ directory: testDirectory(hostOf(server)) }).lease('web', { kind: 'forward' })).link;

async function roundTrip(stream: NodeJS.ReadWriteStream): Promise<string> {
  stream.end('there and back');
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

test('a TCP stream reaches what the host reaches, both directions, with its end', async () => {
  const server = await echo(0);
  const { port } = server.address() as { port: number };
  expect(await roundTrip(await (await forwarder()).forwardTcp('127.0.0.1', port))).toBe('there and back');
});

test('a unix socket', async () => {
  const path = join(folder.path, "it's a socket");
  await echo(path);
  expect(await roundTrip(await (await forwarder()).forwardUnix(path))).toBe('there and back');
});

test('forwards take no session channel', async () => {
  const server = await echo(0);
  const { port } = server.address() as { port: number };
  const all = links({ directory: testDirectory(hostOf(sshd)), settings: { maxConnections: 1 } });
  const lease = await all.lease('web', { kind: 'forward' });
  const streams = await Promise.all(
    Array.from({ length: 30 }, () => lease.link.forwardTcp('127.0.0.1', port)),
  );
  const leases = await Promise.all(Array.from({ length: 8 }, () => all.lease('web')));
  await Promise.all(leases.map((session) => session.link.exec('true')));
  for (const stream of streams) stream.destroy();
});

test.each([
  ['refused', '127.0.0.1'],
  ['dns', 'no-such-host.invalid'],
])('a TCP target that is not there: %s', async (cause, host) => {
  const port = await freePort();
  await expect((await forwarder()).forwardTcp(host, port)).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    message: `web cannot reach ${host}:${port} (${cause}).`,
    details: { cause, to: `${host}:${port}` },
  });
});

test('forwarding that sshd forbids', async () => {
  const server = await startSshd({ config: ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no'] });
  later(() => server.stop());
  const link = await forwarder(server);
  await expect(link.forwardTcp('127.0.0.1', 1)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  const path = join(folder.path, 'forbidden.sock');
  await echo(path);
  await expect(link.forwardUnix(path)).rejects.toMatchObject({
    hint: expect.stringContaining('AllowStreamLocalForwarding'),
  });
});

test('a unix socket that is missing, is a file, or has no listener', async () => {
  const link = await forwarder();
  const path = join(folder.path, 'none.sock');
  await expect(link.forwardUnix(path)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: `web: ${path} does not exist.`,
    details: { reason: 'missing' },
  });
  writeFileSync(join(folder.path, 'file'), '');
  await expect(link.forwardUnix(join(folder.path, 'file'))).rejects.toMatchObject({
    details: { reason: 'not_a_socket' },
  });
  const stale = join(folder.path, 'stale.sock');
  const server = await echo(join(folder.path, 'soon-stale.sock'));
  renameSync(join(folder.path, 'soon-stale.sock'), stale);
  server.close();
  await expect(link.forwardUnix(stale)).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    details: { reason: 'refused' },
  });
});

test('a closed link says so', async () => {
  const all = links({ directory: testDirectory(hostOf(sshd)) });
  const { link } = await all.lease('web', { kind: 'forward' });
  all.drop('web');
  await link.closed;
  await expect(link.forwardTcp('127.0.0.1', 1)).rejects.toMatchObject({ details: { cause: 'closed' } });
  await expect(link.forwardUnix('/x')).rejects.toMatchObject({ details: { cause: 'closed' } });
});

const reason = whyNoUsers();

test.skipIf(reason !== undefined)(
  `a socket that the user may not open${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const user = createUser();
    later(() => user.remove());
    const server = await startSshd({ user: user.name });
    later(() => server.stop());
    const path = join(folder.path, 'root.sock');
    await echo(path);
    chmodSync(folder.path, 0o755);
    chmodSync(path, 0o600);
    chownSync(path, 0, 0);
    await expect((await forwarder(server)).forwardUnix(path)).rejects.toMatchObject({
      code: 'DENIED',
      details: { reason: 'forbidden', user: user.name },
      hint: expect.stringContaining('group'),
    });
  },
);

test('a link that only forwards gets a session first, for TCP_NODELAY at the server', async () => {
  const server = await echo(0);
  const { port } = server.address() as { port: number };
  const own = await startSshd();
  later(() => own.stop());
  await roundTrip(await (await forwarder(own)).forwardTcp('127.0.0.1', port));
  await waitFor(() => own.log().includes('Starting session'));
  expect(own.log().match(/Starting session/g)).toHaveLength(1);
});

test('a server that allows no session at all still forwards', async () => {
  const server = await echo(0);
  const { port } = server.address() as { port: number };
  const own = await startSshd({ config: ['MaxSessions 0'] });
  later(() => own.stop());
  expect(await roundTrip(await (await forwarder(own)).forwardTcp('127.0.0.1', port))).toBe('there and back');
});

test('a stream that nobody waits for any more does not hold its caller on a silent host', async () => {
  const server = await echo(0);
  const { port } = server.address() as { port: number };
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  const host = { ...hostOf(sshd), host: '127.0.0.1', port: proxy.port };
  const all = links({ directory: testDirectory(host) });
  (await all.lease('web', { kind: 'forward' })).release();
  proxy.freeze();
  const gaveUp = new AbortController();
  const opening = openStream(all, 'web', { host: '127.0.0.1', port }, gaveUp.signal);
  const outcome = expect(opening).rejects.toMatchObject({ code: 'CANCELLED' });
  gaveUp.abort();
  await outcome;
  proxy.resume();
  await waitFor(() => all.stats()[0]?.busyChannels === 0, { what: 'the place in the pool to come back' });
  expect(await roundTrip(await openStream(all, 'web', { host: '127.0.0.1', port }))).toBe('there and back');
});
