import { expect, test } from 'vitest';
import { createSecrets } from '../src/index.ts';
import { open, person } from './temp-vault.ts';

async function twoProcesses() {
  const one = await open();
  const other = await open(one.folder);
  const withSecrets = (opened: typeof one) => ({
    ...opened,
    secrets: createSecrets({ store: opened.store, cipher: opened.vault.cipher }),
  });
  return { here: withSecrets(one), there: withSecrets(other) };
}

const nextCallback = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pin = { type: 'ssh-ed25519', fingerprint: `SHA256:${'A'.repeat(43)}` };

test.each(['this process', 'another process'])(
  'every change made by %s is seen, and only then is anything read again',
  async (who) => {
    const { here, there } = await twoProcesses();
    const { inventory } = here;
    const changing = who === 'this process' ? here : there;
    await changing.inventory.save({ alias: 'web1', host: '192.0.2.1', user: 'deploy' }, person);
    await nextCallback();
    const look = () => ({
      record: inventory.record('web1'),
      view: inventory.resolve('web1')[0],
      guards: inventory.guards(['web1', 'group:web', 'nothing']),
      secrets: inventory.secretValues(),
    });
    const changed = async (change: () => Promise<unknown>): Promise<ReturnType<typeof look>> => {
      const before = look();
      expect(look().record).toBe(before.record);
      expect(look().view).toBe(before.view);
      await change();
      await nextCallback();
      return look();
    };
    const save = (input: Record<string, unknown>) => () =>
      changing.inventory.save({ alias: 'web1', ...input }, person);

    expect((await changed(save({ port: 2222 }))).record.port).toBe(2222);
    expect((await changed(save({ tags: ['shop'] }))).view?.tags).toEqual(['shop']);
    expect((await changed(save({ readonly: true }))).guards).toEqual([
      { alias: 'web1', readonly: true, protected: false },
    ]);
    expect((await changed(save({ password: 'a-new-password' }))).secrets).toEqual(['a-new-password']);
    expect((await changed(() => changing.inventory.setGroup('web', ['web1']))).guards).toHaveLength(2);
    expect((await changed(() => changing.inventory.removeGroup('web'))).guards).toHaveLength(1);
    expect((await changed(() => changing.inventory.pinHostKey('web1', pin))).record.hostKeys).toEqual([pin]);
    expect((await changed(() => changing.secrets.set('farm', 'of-the-vault'))).secrets).toContain(
      'of-the-vault',
    );
    expect((await changed(() => changing.secrets.remove('farm'))).secrets).not.toContain('of-the-vault');
    await changing.inventory.remove('web1', person);
    await nextCallback();
    expect(() => inventory.record('web1')).toThrow(/web1/);
    expect(() => inventory.resolve('web1')).toThrow(/web1/);
    expect(inventory.guards(['web1'])).toEqual([]);
    expect(inventory.secretValues()).toEqual([]);
  },
);

test('what is given out cannot be changed by whoever gets it; the list of hosts is their own', async () => {
  const { here } = await twoProcesses();
  await here.inventory.saveAll(
    [
      { alias: 'web1', host: '192.0.2.1', user: 'deploy', tags: ['b', 'a'] },
      { alias: 'web2', host: '192.0.2.2', user: 'deploy' },
    ],
    person,
  );
  const hosts = here.inventory.resolve('all');
  hosts.reverse();
  expect(here.inventory.resolve('all').map(({ alias }) => alias)).toEqual(['web1', 'web2']);
  const [first] = here.inventory.resolve('web1');
  expect(() => Object.assign(first ?? {}, { host: '203.0.113.66' })).toThrow(TypeError);
  expect(() => first?.tags.reverse()).toThrow(TypeError);
  expect(() => Object.assign(here.inventory.record('web1'), { user: 'root' })).toThrow(TypeError);
});

test('many names do not pile up', async () => {
  const { here } = await twoProcesses();
  await here.inventory.save({ alias: 'web1', host: '192.0.2.1', user: 'deploy' }, person);
  for (let n = 0; n < 9_000; n++) expect(here.inventory.guards([`nothing-${n}`])).toEqual([]);
  expect(here.inventory.record('web1').user).toBe('deploy');
});
