import { createGate } from '@flotilla/admission';
import { compileTool, defineTool, secret } from '@flotilla/core';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { auditedArguments, secretFields } from '../src/audited-arguments.ts';
import { PRINCIPAL, type TestHub, testHub } from './support/hub.ts';
import { rawMount } from './support/raw.ts';

let hub: TestHub | undefined;
afterEach(() => hub?.stop());

const policy = { readonly: false, denyTools: [] as string[], commandDeny: [] as string[] };
const dataOf = (answer: { structuredContent?: unknown }): unknown => answer.structuredContent;

async function openHub(options: Parameters<typeof testHub>[1], own = false): Promise<TestHub> {
  hub = testHub(() => [rawMount('raw', own ? 'calls' : 'bad', { own })], options);
  await hub.endpoint.settled(20_000);
  return hub;
}

test('the gate filters the list by what foreign tools say of themselves', async () => {
  const { endpoint, call } = await openHub({ gate: createGate({ policy: { ...policy, readonly: true } }) });
  expect(endpoint.listTools(PRINCIPAL).map(({ name }) => name)).toEqual(['raw__good']);
  const destructive = endpoint.registry.routes.find(({ tool }) => tool.gateTool.maxEffect === 'destroy');
  expect(dataOf(await call(destructive?.tool.published.name ?? '', {}))).toMatchObject({ code: 'DENIED' });
});

test('a denied call never reaches the server, and is audited as denied', async () => {
  const { endpoint, call, audit } = await openHub({
    gate: createGate({ policy: { ...policy, denyTools: ['raw__good'] } }),
  });
  expect(endpoint.listTools(PRINCIPAL).map(({ name }) => name)).not.toContain('raw__good');
  expect(dataOf(await call('raw__good', {}))).toMatchObject({ error: true, code: 'DENIED' });
  await audit.flush();
  expect(audit.search({ tool: 'raw__good' }).calls).toMatchObject([
    { result: 'denied', code: 'DENIED', effect: 'read' },
  ]);
});

test('of a tool of ours the hub knows the effect of these arguments, its targets and its secrets', async () => {
  const tool = defineTool({
    name: 'one',
    title: 'One',
    description: 'One.',
    effect: { max: 'destroy', of: ({ dry }) => (dry ? 'read' : 'destroy') },
    input: z.object({ dry: z.boolean(), server: z.string(), password: secret(z.string()).optional() }),
    output: z.object({}),
    targets: ({ server }) => server,
    run: async () => ({}),
  });
  const { call, audit } = await openHub({ definition: () => compileTool(tool, 'raw') }, true);
  await call('one', { dry: true, server: 'web1', password: 'canary-7' });
  expect(dataOf(await call('one', { dry: 'maybe', server: 'web1' }))).toMatchObject({
    code: 'INVALID_INPUT',
  });
  await audit.flush();
  const { calls } = audit.search({ tool: 'one' });
  expect(calls).toMatchObject([{ effect: 'read', aliases: ['web1'], result: 'ok' }]);
  expect(JSON.stringify(calls)).not.toContain('canary-7');
});

test('arguments are cut for the audit log', () => {
  const cut = auditedArguments({
    long: 'x'.repeat(10_000),
    list: Array.from({ length: 500 }, (_, at) => at),
    deep: { a: { b: 1 } },
  });
  expect((cut['long'] as string).length).toBeLessThan(2_200);
  expect(cut['list']).toHaveLength(101);
  expect(cut['deep']).toEqual({ a: { b: 1 } });
  let deep: Record<string, unknown> = {};
  for (let at = 0; at < 1_000; at += 1) deep = { deep };
  expect(JSON.stringify(auditedArguments(deep)).length).toBeLessThan(1_000);
  const wide = auditedArguments({ parts: Array.from({ length: 100 }, () => 'y'.repeat(2_000)) });
  expect(JSON.stringify(wide).length).toBeLessThan(25_000);
});

test('secret fields of a published schema are found', () => {
  const properties = {
    token: { writeOnly: true },
    pin: { format: 'password' },
    name: { type: 'string' },
    odd: null,
  };
  expect(secretFields({ type: 'object', properties })).toEqual(['token', 'pin']);
  expect(secretFields({ type: 'object' })).toEqual([]);
});
