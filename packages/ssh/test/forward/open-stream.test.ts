import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startProxy, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { openStream } from '../../src/forward/open-stream.ts';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { ownSshd } from '../support/own-sshd.ts';

const { sshd, folder } = ownSshd();
const { later, links } = cleanup();
const hub = () => links({ directory: testDirectory(hostOf(sshd)) });

test('the stdin and stdout of a command', async () => {
  const all = hub();
  const stream = await openStream(all, 'web', { command: 'tr a-z A-Z' }, new AbortController().signal);
  stream.end('there and back');
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  expect(text).toBe('THERE AND BACK');
  await waitFor(() => all.stats().every(({ busyChannels }) => busyChannels === 0));
});

test('what cannot be opened gives its place back', async () => {
  const all = hub();
  const nothing = { socketPath: join(folder.path, 'nothing') };
  await expect(openStream(all, 'web', nothing)).rejects.toMatchObject({ code: expect.any(String) });
  await waitFor(() => all.stats().every(({ busyChannels }) => busyChannels === 0));
});

test('a stream that is no longer wanted is CANCELLED, and thrown away when it still comes', async () => {
  const server = createServer().listen(join(folder.path, 'socket'));
  later(() => server.close());
  await once(server, 'listening');
  const proxy = await startProxy({ port: sshd.port });
  later(() => proxy.stop());
  const all = links({ directory: testDirectory({ ...hostOf(sshd), port: proxy.port }) });
  const target = { socketPath: join(folder.path, 'socket') };
  (await openStream(all, 'web', target)).destroy();
  const stop = new AbortController();
  const arrived = once(server, 'connection');
  const opening = openStream(all, 'web', target, stop.signal);
  const [socket] = (await arrived) as [NodeJS.EventEmitter];
  stop.abort();
  await expect(opening.then((stream) => stream.destroyed || 'open')).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  await once(socket, 'close');
  await expect(openStream(all, 'web', target, AbortSignal.abort())).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});
