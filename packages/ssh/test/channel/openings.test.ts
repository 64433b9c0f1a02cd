import { startProxy, startSshd } from '@flotilla/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createRemoteFiles } from '../../src/sftp/remote-files.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { newHub } from '../support/shell-hosts.ts';

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );

test('a connection that is lost while a channel opens is no host without a shell or SFTP', async () => {
  const sshd = await startSshd();
  onTestFinished(() => sshd.stop());
  const proxy = await startProxy({ port: sshd.port, delayMs: 5 });
  onTestFinished(() => proxy.stop());
  const hub = newHub(testDirectory({ ...hostOf(sshd), port: proxy.port }), { minConnections: 0 });
  onTestFinished(() => hub.links.close());
  const codes = new Set<string>();
  for (let delay = 0; delay < 120; delay += 4) {
    (await hub.links.lease('web')).release();
    const cutting = setTimeout(() => proxy.cut(), delay);
    const works = [hub.shell('web', 'true'), createRemoteFiles(hub.links, 'web').stat('/')];
    for (const code of await Promise.all(works.map(codeOf))) codes.add(code);
    clearTimeout(cutting);
    proxy.cut();
  }
  expect([...codes].filter((code) => code !== 'ok')).toEqual(['CONNECTION_FAILED']);
}, 60_000);

test('a host without a shell, and one without SFTP', async () => {
  const sshd = await startSshd({ config: ['ForceCommand /bin/false'] });
  onTestFinished(() => sshd.stop());
  const hub = newHub(testDirectory(hostOf(sshd)));
  onTestFinished(() => hub.links.close());
  expect(await codeOf(hub.shell('web', 'true'))).toBe('UNSUPPORTED');
  expect(await codeOf(createRemoteFiles(hub.links, 'web').stat('/'))).toBe('UNSUPPORTED');
});
