import { FlotillaError, type IncomingCall, type Principal, type PublishedTool } from '@flotilla/core';
import { expect, test } from 'vitest';
import { earlyEndpoint } from '../src/early-endpoint.ts';

const principal: Principal = { id: 'stdio:1', kind: 'stdio' };
const tool = (name: string, annotations: Record<string, unknown>): PublishedTool => ({
  name,
  description: name,
  inputSchema: { type: 'object' },
  annotations,
});
const TOOLS = [
  tool('look', { readOnlyHint: true }),
  tool('change', { readOnlyHint: false, destructiveHint: false }),
  tool('erase', { readOnlyHint: false, destructiveHint: true }),
];
const POLICY = { readonly: false, denyTools: [], commandDeny: [] };
const call = (name: string): IncomingCall => ({
  name,
  args: {},
  principal,
  signal: new AbortController().signal,
});
const names = (tools: readonly PublishedTool[]): string[] => tools.map(({ name }) => name);

test('it lists what policy and client lists leave, in the given order', () => {
  const all = earlyEndpoint(TOOLS, { policy: POLICY, clients: {} });
  expect(names(all.listTools(principal))).toEqual(['look', 'change', 'erase']);
  const readonly = earlyEndpoint(TOOLS, { policy: { ...POLICY, readonly: true }, clients: {} });
  expect(names(readonly.listTools(principal))).toEqual(['look']);
  const denied = earlyEndpoint(TOOLS, { policy: { ...POLICY, denyTools: ['er*'] }, clients: {} });
  expect(names(denied.listTools(principal))).toEqual(['look', 'change']);
  const filtered = earlyEndpoint(TOOLS, { policy: POLICY, clients: { shy: { deny: ['change'] } } });
  const shy = { ...principal, client: { name: 'shy', version: '1' } };
  expect(names(filtered.listTools(shy))).toEqual(['look', 'erase']);
  expect(names(filtered.listTools(principal))).toEqual(['look', 'change', 'erase']);
});

test('calls wait until it is open; then everything is answered by what was opened', async () => {
  const early = earlyEndpoint(TOOLS, { policy: POLICY, clients: {} });
  const told: string[] = [];
  void early.called.then(() => told.push('called'));
  void early.listed.then(() => told.push('listed'));
  const waiting = early.callTool(call('look'));
  const heard: string[] = [];
  const stop = early.onToolsChanged(() => heard.push('changed'));
  const never = early.onToolsChanged(() => heard.push('unsubscribed'));
  never();
  let tell = (): void => {};
  let listeners = 0;
  early.open({
    info: early.info,
    listTools: () => [TOOLS[0] as PublishedTool],
    callTool: async ({ name }) => ({ content: [{ type: 'text', text: `opened ${name}` }] }),
    onToolsChanged: (listener) => {
      listeners += 1;
      tell = listener;
      return () => {
        listeners -= 1;
      };
    },
  });
  expect((await waiting).content).toEqual([{ type: 'text', text: 'opened look' }]);
  expect(told).toEqual(['called']);
  expect(names(early.listTools(principal))).toEqual(['look']);
  await early.listed;
  expect(told).toEqual(['called', 'listed']);
  tell();
  expect(heard).toEqual(['changed']);
  expect(listeners).toBe(1);
  stop();
  expect(listeners).toBe(0);
});

test('when it cannot be opened, calls fail with the reason', async () => {
  const early = earlyEndpoint(TOOLS, { policy: POLICY, clients: {} });
  const waiting = early.callTool(call('look'));
  const listening = early.onToolsChanged(() => {});
  early.fail(new FlotillaError('CONFLICT', 'written by a newer Flotilla'));
  for (const answer of [waiting, early.callTool(call('erase'))])
    expect(await answer).toMatchObject({
      isError: true,
      structuredContent: { code: 'CONFLICT', message: 'written by a newer Flotilla' },
    });
  listening();
});
