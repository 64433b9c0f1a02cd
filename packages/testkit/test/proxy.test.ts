import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startProxy, type TestProxy, waitFor } from '../src/index.ts';

let echo: Server;
let port = 0;
let proxy: TestProxy;
beforeAll(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = (echo.address() as { port: number }).port;
});
afterAll(() => void echo.close());
afterEach(() => proxy.stop());

async function open(): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(proxy.port, proxy.host).on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  await once(socket, 'connect');
  return { socket, received: () => text };
}

/** Unlike `once`, a reset is not a failure here. */
const closing = (socket: Socket): Promise<void> =>
  new Promise((resolve) => void socket.once('close', () => resolve()));

test('bytes arrive in order, each direction delayed', async () => {
  proxy = await startProxy({ port, delayMs: 40 });
  const { socket, received } = await open();
  const started = performance.now();
  for (const part of ['one ', 'two ', 'three']) socket.write(part);
  await waitFor(() => received() === 'one two three');
  expect(performance.now() - started).toBeGreaterThanOrEqual(79);
  socket.end();
  await closing(socket);
  await waitFor(() => proxy.open() === 0);
});

test('cut resets what is open and still accepts', async () => {
  proxy = await startProxy({ port });
  const { socket } = await open();
  socket.write('x');
  await once(socket, 'data');
  const closed = closing(socket);
  proxy.cut();
  await closed;
  const again = await open();
  again.socket.write('y');
  await waitFor(() => again.received() === 'y');
  expect(proxy.accepted()).toBe(2);
});

test('freeze holds bytes back without closing; resume passes them on', async () => {
  proxy = await startProxy({ port });
  const { socket, received } = await open();
  socket.write('a');
  await waitFor(() => received() === 'a');
  proxy.freeze();
  const late = await open();
  socket.write('b');
  late.socket.write('c');
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  other.close();
  await once(other, 'close');
  expect([received(), late.received()]).toEqual(['a', '']);
  expect(socket.destroyed || late.socket.destroyed).toBe(false);
  proxy.resume();
  await waitFor(() => received() === 'ab' && late.received() === 'c');
});

test('refuse closes new connections at once', async () => {
  proxy = await startProxy({ port });
  proxy.refuse(true);
  const { socket } = await open();
  await closing(socket);
  proxy.refuse(false);
  const { socket: second, received } = await open();
  second.write('z');
  await waitFor(() => received() === 'z');
});
