import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@flotilla/core';
import { createShell } from '@flotilla/ssh';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostWorld, startHostWorld } from './host-world.ts';

let edge: TestSshd;
let inner: TestSshd;
let target: TestSshd;
let world: HostWorld;
let config: string;

beforeAll(async () => {
  [edge, inner, target] = await Promise.all([startSshd(), startSshd(), startSshd()]);
  world = await startHostWorld(target);
  config = join(world.homedir, '.ssh', 'config');
  const { user } = target;
  writeFileSync(
    join(world.homedir, '.ssh', 'more'),
    `Host by-include\n  ProxyJump edge\n  Port ${target.port}\n`,
  );
  writeFileSync(
    config,
    `
Include ${join(world.homedir, '.ssh', 'more')}
Host edge
  Port ${edge.port}
  IdentityFile ${edge.keyPath}
Host inner
  Port ${inner.port}
  IdentityFile ${inner.keyPath}
  ProxyJump edge
Host direct
  Port ${target.port}
Host one-hop
  Port ${target.port}
  ProxyJump edge
Host two-hops
  Port ${target.port}
  ProxyJump inner
Host listed-hops
  Port ${target.port}
  ProxyJump edge,inner
Host by-name "quoted name"
  Port=${target.port}
  ProxyJump ${user}@edge:${edge.port}
Host old-style
  Port ${target.port}
  ProxyCommand ssh -F ${config} -q -W %h:%p edge
Host old-plain
  Port ${target.port}
  ProxyCommand ssh -W %h:%p edge
Match originalhost by-match
  Port ${target.port}
Host by-match
  ProxyJump none
Host *
  HostName 127.0.0.1
  User ${user}
  IdentityFile ${target.keyPath}
  IdentityAgent none
  ProxyJump edge
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
  BatchMode yes
`.replace('  ProxyJump edge\n  StrictHost', '  StrictHost'),
  );
});
afterAll(async () => {
  await world.stop();
  await Promise.all([edge, inner, target].map((sshd) => sshd.stop()));
});

const WHERE = 'echo "$SSH_CONNECTION"';
/** Address and port of the sshd that was reached. */
const serverOf = (connection: string): string => connection.trim().split(' ').slice(2).join(':');
const ofSsh = (alias: string): string =>
  serverOf(
    execFileSync('ssh', ['-F', config, alias, WHERE], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );

test('imported hosts are reached where ssh reaches them, over the same bastions', async () => {
  const { rows, data } = await world.call('server_import', { source: 'ssh_config' });
  const names = rows.map((row) => String(row['alias']));
  expect(names).toEqual(
    expect.arrayContaining([
      'edge',
      'inner',
      'direct',
      'one-hop',
      'two-hops',
      'listed-hops',
      'by-name',
      'by-match',
      'by-include',
      'old-plain',
    ]),
  );
  expect(data['problems']).toMatchObject([{ where: 'quoted name', suggestion: 'quoted-name' }]);
  const shell = createShell({ links: world.links, directory: world.inventory, log: silentLogger });
  const own = async (alias: string): Promise<string> => serverOf((await shell(alias, WHERE)).stdout);
  for (const alias of [
    'edge',
    'inner',
    'direct',
    'one-hop',
    'two-hops',
    'listed-hops',
    'by-name',
    'by-match',
    'by-include',
  ]) {
    expect([alias, await own(alias)]).toEqual([alias, ofSsh(alias)]);
  }
  expect(await own('old-plain')).toBe(`127.0.0.1:${target.port}`);
  expect(world.inventory.get('old-plain').jump).toBe('edge');
  expect(world.inventory.get('by-name').jump).toBe('edge');
  expect(world.inventory.get('two-hops').jump).toBe('inner');
  expect(world.inventory.get('listed-hops').jump).toBe('inner');
  expect(edge.log()).toContain('Accepted publickey');
});
