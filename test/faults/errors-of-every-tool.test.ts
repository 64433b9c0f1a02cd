import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answerOf,
  type Calls,
  causeOf,
  expectToldOf,
  expectUnknownAlias,
  expectUnknownArgument,
  HOST_FAILURES,
} from '../support/error-matrix.ts';
import { expectHarmless, HOSTILE_NAMES } from '../support/error-matrix-hostile.ts';
import { type MatrixHosts, startHosts, whyNoRoot } from '../support/error-matrix-hosts.ts';
import { HUB_TOOLS, NO_HOST, takesHosts } from '../support/error-matrix-hub.ts';
import { TOOLS, type ToolCase } from '../support/error-matrix-tools.ts';
import { type Failure, failureOf, rowsOf } from '../support/fleet.ts';
import { startHub, type TestHub, testHome, textOf } from '../support/hub.ts';
import { startVariant, VARIANTS, type Variant, type VariantName } from '../support/variants.ts';

const CASES = Object.entries(TOOLS);
const casesWith = (key: keyof ToolCase): [string, ToolCase][] => CASES.filter(([, one]) => one[key]);
const noRoot = whyNoRoot();

const hubHome = testHome({ MCP_SYNC_TIMEOUT_S: '40' });
const variants = new Map<VariantName, Variant>();
let hosts: MatrixHosts;
let hub: TestHub;

const variant = (name: VariantName): Variant => variants.get(name) as Variant;
const onHost = (name: string): string => join(hosts.web1.home, name);

beforeAll(async () => {
  hosts = await startHosts();
  writeFileSync(onHost('kept'), 'kept');
  mkdirSync(onHost('folder'));
  writeFileSync(onHost('huge'), '');
  truncateSync(onHost('huge'), 64e9);
  for (const one of await Promise.all(VARIANTS.map((name) => startVariant(name, hosts.web1)))) {
    variants.set(one.name, one);
    await hosts.register(dirname(dirname(dirname(one.files))));
    writeFileSync(join(one.files, 'small'), 'small');
    writeFileSync(join(one.files, 'big'), Buffer.alloc(2 * 1024 * 1024, 'x'));
  }
  await hosts.register(hubHome.path);
  hub = await startHub(hubHome);
  await hub.ok('api_add', { alias: 'api1', url: 'http://127.0.0.1:9/' });
  await hosts.replaceKey();
  for (const one of variants.values())
    await waitFor(
      async () => (await one.tools()).includes('file_read') && (await one.tools()).includes('task_exec'),
      { timeoutMs: 30_000, what: `${one.name} to have all tools` },
    );
}, 180_000);

afterAll(async () => {
  await Promise.all([...variants.values(), ...(hub ? [hub] : [])].map((one) => one.close()));
  await hosts?.stop();
  hubHome.remove();
});

/** Nothing was asked of the host that took the place of `changed`. */
function expectUntouched(): void {
  const { home, log } = hosts.impostor();
  expect(readdirSync(home)).toEqual(['file_remove']);
  expect(log()).toContain('Connection from');
  expect(log()).not.toContain('Accepted');
}

test('every tool that takes a host has its place in the tables, and only those', async () => {
  const { tools } = await hub.client.listTools();
  const taking = tools.filter(({ inputSchema }) => takesHosts(inputSchema)).map(({ name }) => name);
  const known = [TOOLS, HUB_TOOLS, NO_HOST].flatMap((table) => Object.keys(table));
  expect(known.toSorted()).toEqual(taking.toSorted());
  for (const server of ['ssh-exec', 'sftp']) {
    const folder = new URL(`../../servers/${server}/src/tools/`, import.meta.url);
    for (const file of readdirSync(folder))
      expect(Object.keys(TOOLS)).toContain(file.replace('.ts', '').replaceAll('-', '_'));
  }
});

describe.concurrent.each(VARIANTS)('%s', (name) => {
  const number = VARIANTS.indexOf(name);

  test.each(CASES)('%s works on a host that is well', async (tool, { args, mark }) => {
    const place = onHost(`${number}-${tool}`);
    if (mark === 'gone') writeFileSync(place, 'in the way');
    if (tool === 'process_kill') return killOne(variant(name), `7650${number}`);
    const answer = await answerOf(variant(name), tool, args('web1', place));
    expect(answer.isError ?? false, textOf(answer)).toBe(false);
    expect(existsSync(place)).toBe(mark === 'made');
  });

  test.each(CASES)('%s of a host that nobody knows, and with an unknown argument', async (tool, { args }) => {
    await expectUnknownAlias(variant(name), tool, args('wbe1', tool));
    await expectUnknownArgument(variant(name), tool, args('web1', tool));
  });

  describe.each(HOST_FAILURES)('%s', (_what, alias, code, words) => {
    test.each(CASES)('%s', async (tool, { args, retried }) => {
      const place = join(hosts.impostor().home, tool);
      const answer = await answerOf(variant(name), tool, args(alias, place));
      expectToldOf(causeOf(answer, code, retried), code, alias, words);
      if (alias === 'changed') expectUntouched();
    });
  });

  test.each(casesWith('rows'))(
    '%s of several hosts has the failure of each in its row',
    async (tool, one) => {
      const args = one.args('', join(hosts.impostor().home, tool));
      const answer = await answerOf(variant(name), tool, {
        ...args,
        alias: HOST_FAILURES.map(([, at]) => at),
      });
      expect(answer.isError).toBe(true);
      const rows = rowsOf(answer);
      expect(rows).toHaveLength(HOST_FAILURES.length);
      for (const [, alias, code, words] of HOST_FAILURES) {
        const row = rows.find((each) => each.alias === alias);
        expect(row?.state).toBe('unreachable');
        expectToldOf(row?.error as Failure, code, alias, words);
      }
      expectUntouched();
    },
  );

  test.each(casesWith('slow'))('%s ends what takes too long', async (tool, { slow }) => {
    const answer = await answerOf(variant(name), tool, slow?.(onHost('huge')) ?? {});
    const { details } = failureOf(answer, 'COMMAND_TIMEOUT');
    expect(details).toMatchObject({ alias: 'web1', timeoutMs: 1000 });
    if (tool !== 'file_checksum') expect(String(details['stdout']).trim()).toMatch(/begun$/);
  });

  test.each(casesWith('missing'))('%s of what is not there', async (tool, { missing }) => {
    const path = onHost(`none-${number}`);
    const answer = await answerOf(variant(name), tool, missing?.(path) ?? {});
    const { message } = failureOf(answer, 'NOT_FOUND');
    expect(message).toContain(tool === 'process_kill' ? '4194303' : path);
    expect(existsSync(path)).toBe(false);
  });

  test.each(casesWith('otherKind'))(
    '%s of a folder for a file, or a file for a folder',
    async (tool, one) => {
      const args = one.otherKind?.args(onHost('folder'), onHost('kept')) ?? {};
      const { message } = failureOf(await answerOf(variant(name), tool, args), 'INVALID_INPUT');
      expect(message).toContain(`It is a ${one.otherKind?.is}`);
      expect(readFileSync(onHost('kept'), 'utf8')).toBe('kept');
    },
  );

  describe.skipIf(noRoot)(`what a login may not, and a full disk${noRoot ? ` (${noRoot})` : ''}`, () => {
    test.each(casesWith('forbidden'))('%s', async (tool, { forbidden }) => {
      const answer = await answerOf(variant(name), tool, forbidden?.args(onHost('kept')) ?? {});
      const { message } = failureOf(answer, forbidden?.code ?? 'DENIED');
      expect(message).toContain('limited');
      expect(readFileSync(onHost('kept'), 'utf8')).toBe('kept');
    });

    test.each(casesWith('full'))('%s to a full disk: TRANSFER_FAILED', async (tool, { full }) => {
      const folder = join(hosts.smallDisk ?? '', `${number}-${tool}`);
      mkdirSync(folder);
      const { details } = failureOf(
        await answerOf(variant(name), tool, full?.(folder) ?? {}),
        'TRANSFER_FAILED',
      );
      expect(details).toMatchObject({ cause: 'disk_full' });
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  test.each(HOSTILE_NAMES)('no tool is harmed by the name %j', async (word) => {
    await expectHarmless(variant(name), hosts.web1, `${number}`, word);
  });
});

describe.concurrent('the other tools of the hub', () => {
  const cases = Object.entries(HUB_TOOLS);

  test.each(cases)('%s of a host that nobody knows, and with an unknown argument', async (tool, { args }) => {
    await expectUnknownAlias(hub, tool, args('wbe1'));
    await expectUnknownArgument(hub, tool, args('web1'));
  });

  describe.each(HOST_FAILURES)('%s', (_what, alias, code, words) => {
    test.each(cases.filter(([, { tells }]) => tells !== 'nothing'))('%s', async (tool, one) => {
      const answer = await answerOf(hub, tool, one.args(alias));
      expect(answer.isError ?? false).toBe(one.isAnswer !== true);
      if (one.tells === 'error') return expectToldOf(failureOf(answer, code), code, alias, words);
      const [row, ...others] = rowsOf(answer) as unknown as Record<string, unknown>[];
      expect(others).toEqual([]);
      expect(row).toMatchObject({ alias });
      expectToldOf((row?.['error'] ?? row?.['failure']) as Failure, code, alias, words);
      if (alias === 'changed') expectUntouched();
    });

    test('check_add says it of the place that it looks from', async () => {
      const check = { name: `from-${alias}`, kind: 'tcp', target: '127.0.0.1:9', from: [alias] };
      const { first } = await hub.ok<{ first: Record<string, unknown> }>('check_add', check);
      expect(first).toMatchObject({ status: 'unknown', vantages: [{ from: alias, status: 'missing' }] });
      expect(JSON.stringify(first['vantages'])).toContain(words);
    });
  });
});

/** Ends a process of this machine, and only the one that was meant. */
async function killOne(client: Calls, seconds: string): Promise<void> {
  const child = spawn('sleep', [seconds]);
  const ended = once(child, 'exit');
  const list = await client.ok<{ processes: { pid: number; startTime: number }[] }>('process_list', {
    alias: 'web1',
    text: `sleep ${seconds}`,
  });
  const found = list.processes.find(({ pid }) => pid === child.pid);
  const other = { alias: 'web1', pid: child.pid, startTime: (found?.startTime ?? 0) + 1 };
  expect((await answerOf(client, 'process_kill', other)).isError).toBe(true);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  await client.ok('process_kill', { ...other, startTime: found?.startTime });
  expect(await ended).toEqual([null, 'SIGTERM']);
}
