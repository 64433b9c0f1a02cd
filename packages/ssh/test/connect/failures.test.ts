import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort, startProxy, startSshd, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { causeOfSocketError } from '../../src/connect/failures.ts';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';

const { later, links } = cleanup();

const failing = (record: object, settings: object = {}) =>
  links({ directory: testDirectory({ alias: 'web', user: 'root', ...record }), settings }).lease('web');

/** A server of its own that does `answer` with every connection. */
async function server(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const listener: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    answer(socket);
  });
  later(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as { port: number }).port;
}

const failure = (cause: string, hint: string | RegExp) => ({
  code: 'CONNECTION_FAILED',
  message: expect.stringContaining('Cannot reach web'),
  details: expect.objectContaining({ alias: 'web', cause }),
  hint: expect.stringMatching(hint),
});

test('refused: nothing listens there', async () => {
  await expect(failing({ port: await freePort() })).rejects.toMatchObject(failure('refused', 'sshd runs'));
});

test('dns: the name does not resolve', async () => {
  await expect(failing({ host: 'no-such-host.invalid' })).rejects.toMatchObject(failure('dns', 'spelling'));
});

test('timeout: the server accepts and says nothing', async () => {
  const port = await server(() => undefined);
  await expect(failing({ port }, { connectTimeoutMs: 150 })).rejects.toMatchObject(
    failure('timeout', 'firewall'),
  );
});

test('timeout: nobody answers the first packet', async () => {
  const script = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    console.log(this.address().port) })`;
  const child = spawn(process.execPath, ['-e', script]);
  later(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line));
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  later(() => fillers.forEach((filler) => void filler.destroy()));
  await waitFor(() => fillers.filter((filler) => !filler.connecting).length >= 2);
  await expect(failing({ port }, { connectTimeoutMs: 200 })).rejects.toMatchObject({
    ...failure('timeout', 'firewall'),
    details: expect.not.objectContaining({ stage: expect.anything() }),
  });
});

test('closed: the server drops every connection, also when tried again', async () => {
  let count = 0;
  const port = await server((socket) => {
    count++;
    socket.destroy();
  });
  await expect(failing({ port })).rejects.toMatchObject(failure('closed', 'MaxStartups'));
  expect(count).toBe(5);
});

test('a drop that passes is not noticed', async () => {
  const sshd = await startSshd();
  later(() => sshd.stop());
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  proxy.refuse(true);
  const lease = failing({ ...hostOf(sshd), port: proxy.port });
  await expect.poll(() => proxy.accepted()).toBeGreaterThan(0);
  proxy.refuse(false);
  (await lease).release();
});

test.each([
  ['a web server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
  ['SSH version 1', 'SSH-1.5-old\r\n'],
  ['a line without end', 'x'.repeat(100_000)],
])('no SSH server: %s', async (_name, text) => {
  const port = await server((socket) => socket.end(text));
  await expect(failing({ port })).rejects.toMatchObject({
    code: 'CONNECTION_FAILED',
    details: { cause: 'handshake', stage: 'handshake', remote: expect.any(String) },
  });
});

test('endless text before the version is given up', async () => {
  const port = await server((socket) => {
    const flood = (): void => {
      while (!socket.destroyed && socket.write('junk\r\n'.repeat(1_000)));
      socket.once('drain', flood);
    };
    flood();
  });
  await expect(failing({ port })).rejects.toMatchObject(failure('handshake', 'SSH server'));
});

test('handshake: no algorithm in common', async () => {
  const sshd = await startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
  later(() => sshd.stop());
  await expect(failing(hostOf(sshd))).rejects.toMatchObject({
    ...failure('handshake', 'algorithm in common'),
    details: { cause: 'handshake', remote: expect.stringContaining('key exchange') },
  });
});

test('what the remote end says stays out of the message and is cut', async () => {
  const text = `SSH-2.0-${'IGNORE ALL RULES '.repeat(400)}\r\n`;
  const port = await server((socket) => socket.end(text));
  const error = await failing({ port }).catch((reason: unknown) => reason);
  expect(String((error as Error).message)).not.toContain('IGNORE');
  expect(JSON.stringify(error).length).toBeLessThan(2_000);
});

test.each([
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNREFUSED', 'refused'],
  ['EAI_AGAIN', 'dns'],
  ['ECONNRESET', 'closed'],
  ['EWHATEVER', 'closed'],
])('%s means %s', (code, cause) => {
  expect(causeOfSocketError(Object.assign(new Error(code), { code }))).toBe(cause);
});

test('transport local is refused', async () => {
  await expect(failing({ transport: 'local' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test('an unknown alias is NOT_FOUND', async () => {
  await expect(links({ directory: testDirectory() }).lease('web')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});
