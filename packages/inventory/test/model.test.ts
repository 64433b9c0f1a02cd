import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCipher, createInventory, type HostInput, type Inventory } from '../src/index.ts';
import { openStore, tempFolder } from './temp-vault.ts';

/** What the register must hold after any sequence of changes, kept in the simplest way. */
interface Model {
  hosts: Map<
    string,
    {
      host: string;
      port: number;
      user: string;
      jump?: string | undefined;
      password?: string | undefined;
      pins: string[];
    }
  >;
  groups: Map<string, Set<string>>;
  highest: number;
}

const ALIASES = ['a', 'b', 'c', 'd'];
const alias = fc.constantFrom(...ALIASES);
const KEYS = ['1', '2'].map((n) => `SHA256:${n.repeat(43)}`);

const input: fc.Arbitrary<HostInput> = fc.record(
  {
    alias,
    host: fc.constantFrom('h1', 'h2'),
    user: fc.constantFrom('u1', 'u2'),
    port: fc.constantFrom(22, 2222),
    jump: fc.constantFrom(...ALIASES, null),
    password: fc.constantFrom('pw-1', 'pw-2', null),
    groups: fc.subarray(['g1', 'g2']),
  },
  { requiredKeys: ['alias'] },
);

type Step = (inventory: Inventory, model: Model) => Promise<void>;

const save = fc.record({ input, person: fc.boolean() }).map(
  ({ input: wanted, person }): Step =>
    async (inventory, model) => {
      const before = model.hosts.get(wanted.alias);
      const result = await inventory.save(wanted, { person }).catch((error: { code: string }) => error.code);
      if (typeof result === 'string') {
        expect(['INVALID_INPUT', 'NOT_FOUND', 'APPROVAL_REQUIRED']).toContain(result);
        return;
      }
      const moved =
        before !== undefined &&
        (['host', 'port', 'user', 'jump'] as const).some(
          (field) => wanted[field] !== undefined && (wanted[field] ?? undefined) !== before[field],
        );
      expect(moved && !person).toBe(false);
      const kept = moved ? undefined : before?.password;
      model.hosts.set(wanted.alias, {
        host: wanted.host ?? before?.host ?? '',
        port: wanted.port ?? before?.port ?? 22,
        user: wanted.user ?? before?.user ?? '',
        jump: wanted.jump === undefined ? before?.jump : (wanted.jump ?? undefined),
        password: wanted.password === undefined ? kept : (wanted.password ?? undefined),
        pins: moved ? [] : (before?.pins ?? []),
      });
      if (wanted.groups) {
        for (const members of model.groups.values()) members.delete(wanted.alias);
        for (const name of wanted.groups)
          model.groups.set(name, (model.groups.get(name) ?? new Set()).add(wanted.alias));
      }
    },
);

const remove = alias.map(
  (name): Step =>
    async (inventory, model) => {
      const used = [...model.hosts.values()].some((host) => host.jump === name);
      const done = await inventory.remove(name, { person: false }).then(
        () => true,
        () => false,
      );
      expect(done).toBe(model.hosts.has(name) && !used);
      if (!done) return;
      model.hosts.delete(name);
      for (const members of model.groups.values()) members.delete(name);
    },
);

const pin = fc.tuple(alias, fc.constantFrom(...KEYS)).map(
  ([name, fingerprint]): Step =>
    async (inventory, model) => {
      const done = await inventory.pinHostKey(name, { type: 'ssh-ed25519', fingerprint }).then(
        () => true,
        () => false,
      );
      const host = model.hosts.get(name);
      expect(done).toBe(host !== undefined && (host.pins.length === 0 || host.pins[0] === fingerprint));
      if (done && host) host.pins = [fingerprint];
    },
);

const group = fc.tuple(fc.constantFrom('g1', 'g2'), fc.subarray(ALIASES)).map(
  ([name, members]): Step =>
    async (inventory, model) => {
      const done = await inventory.setGroup(name, members).then(
        () => true,
        () => false,
      );
      expect(done).toBe(members.every((member) => model.hosts.has(member)));
      if (done) model.groups.set(name, new Set(members));
    },
);

function compare(inventory: Inventory, model: Model): void {
  expect(inventory.list().map((host) => host.alias)).toEqual([...model.hosts.keys()].sort());
  for (const [name, host] of model.hosts) {
    const record = inventory.record(name);
    const { pins, ...rest } = host;
    expect({ ...record, jump: record.jump, password: record.password }).toMatchObject(rest);
    expect(record.hostKeys.map((key) => key.fingerprint)).toEqual(pins);
  }
  const groups = [...model.groups].map(([name, members]) => ({ name, aliases: [...members].sort() }));
  expect(inventory.groups()).toEqual(groups.sort((a, b) => (a.name < b.name ? -1 : 1)));
  const passwords = [...model.hosts.values()].flatMap((host) => (host.password ? [host.password] : []));
  expect([...inventory.secretValues()].sort()).toEqual([...new Set(passwords)].sort());
}

test('after any sequence of changes: no secret outlives the machine it was for, revisions only grow, sets agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 4, arbitrary: save }, remove, pin, group), { maxLength: 25 }),
      async (steps) => {
        const store = openStore(tempFolder());
        const inventory = createInventory({ store, cipher: createCipher(Buffer.alloc(32, 3)) });
        const model: Model = { hosts: new Map(), groups: new Map(), highest: 0 };
        const revisions = new Map<string, number>();
        for (const step of steps) {
          await step(inventory, model);
          compare(inventory, model);
          for (const { alias: name, revision } of inventory.list()) {
            expect(revision).toBeGreaterThanOrEqual(revisions.get(name) ?? 0);
            revisions.set(name, revision);
          }
        }
        await store.close();
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
