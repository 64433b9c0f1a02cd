import { freePort, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Backend, BackendState } from '../../src/backend/backend.ts';
import { mountsProbe } from '../../src/mounts-probe.ts';
import { PRINCIPAL, remote, type TestHub, testHub } from '../support/hub.ts';
import { isAlive, startFixture } from '../support/processes.ts';
import { notesIn, rawMount } from '../support/raw.ts';

const folder = tempDir('faults');
afterAll(() => folder.remove());

const TOKEN = 'a-token-that-is-long-enough-0123456789';
const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

/** A hub over the mount under test and one that must not notice anything. */
function hubOver(mount: Backend): TestHub {
  const hub = testHub(() => [mount, rawMount('good', 'plain')]);
  undo.push(() => hub.stop());
  return hub;
}

const becomes = (mount: Backend, status: BackendState['status']): Promise<unknown> =>
  waitFor(() => mount.state.status === status, { what: `${mount.name} is ${status}` });

const codeOf = (answer: { structuredContent?: unknown }): unknown =>
  (answer.structuredContent as { code?: unknown } | undefined)?.code;
const detailsOf = (answer: { structuredContent?: unknown }): Record<string, unknown> =>
  (answer.structuredContent as { details: Record<string, unknown> }).details;

const expectGood = async (hub: TestHub): Promise<void> => {
  expect((await hub.call('good__one')).isError).toBe(false);
};

test('kill -9 of a child ends its calls with a clear failure, and it comes back by itself', async () => {
  const notes = notesIn(folder.path, 'killed');
  const mount = rawMount('raw', 'calls', { notes: notes.path });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  const [pid] = notes.pids() as [number];
  const call = hub.call('raw__never');
  await waitFor(() => notes.read().includes('call never'));
  process.kill(pid, 'SIGKILL');
  const answer = await call;
  expect(codeOf(answer)).toBe('SERVER_UNAVAILABLE');
  expect(detailsOf(answer)).toMatchObject({ sent: true, cause: 'it was killed by SIGKILL' });
  await waitFor(() => notes.pids().length === 2);
  await becomes(mount, 'ready');
  expect((await hub.call('raw__one')).isError).toBe(false);
  await expectGood(hub);
});

test('a child that dies within a call: SERVER_UNAVAILABLE, not known whether it took effect, no second call', async () => {
  const notes = notesIn(folder.path, 'dies-in-call');
  const mount = rawMount('raw', 'calls', { notes: notes.path });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  const [answer, other] = await Promise.all([hub.call('raw__die'), hub.call('good__one')]);
  expect(codeOf(answer)).toBe('SERVER_UNAVAILABLE');
  expect(detailsOf(answer)).toMatchObject({ server: 'raw', sent: true, cause: 'it ended with exit code 9' });
  expect(other.isError).toBe(false);
  await becomes(mount, 'ready');
  expect(notes.read().match(/call die/g)).toHaveLength(1);
});

test('a stopped child (SIGSTOP) is noticed, ended and replaced; others go on meanwhile', async () => {
  const notes = notesIn(folder.path, 'stopped');
  const mount = rawMount('raw', 'calls', { notes: notes.path, timing: { heartbeatMs: 50, hangMs: 300 } });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  const [pid] = notes.pids() as [number];
  const call = hub.call('raw__never');
  await waitFor(() => notes.read().includes('call never'));
  process.kill(pid, 'SIGSTOP');
  await expectGood(hub);
  const answer = await call;
  expect(codeOf(answer)).toBe('SERVER_UNAVAILABLE');
  await waitFor(() => !isAlive(pid));
  await becomes(mount, 'ready');
  expect(notes.pids()).toHaveLength(2);
});

test('a server that answers no ping any more is replaced', async () => {
  const notes = notesIn(folder.path, 'deaf');
  const mount = rawMount('raw', 'deaf', { notes: notes.path, timing: { heartbeatMs: 50, hangMs: 200 } });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  await waitFor(() => notes.pids().length >= 2);
  await expectGood(hub);
});

test('a server that never shakes hands is given up after the deadline, and delays nobody', async () => {
  const mount = rawMount('raw', 'silent', {
    timing: { connectMs: 500, backoff: { firstMs: 60_000, maxMs: 60_000 } },
  });
  const hub = hubOver(mount);
  await waitFor(() => hub.endpoint.listTools(PRINCIPAL).length === 2);
  await expectGood(hub);
  await mount.settled;
  expect(mount.state).toMatchObject({ status: 'unavailable', cause: 'it did not answer within 500 ms' });
});

test('a command that does not exist: the state says so, the others work', async () => {
  const target = { kind: 'stdio' as const, command: '/no/such/program', args: [], env: {} };
  const mount = remote({ name: 'missing', target });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  expect(mount.state).toMatchObject({ cause: 'its command was not found (ENOENT)' });
  await expectGood(hub);
});

test('a child that ends at once is tried again, and its last words explain it', async () => {
  const notes = notesIn(folder.path, 'dies');
  const mount = rawMount('raw', 'dies', { notes: notes.path });
  hubOver(mount);
  await waitFor(() => notes.pids().length >= 3);
  await becomes(mount, 'unavailable');
  expect(mount.state).toMatchObject({ cause: 'it ended with exit code 7' });
});

test('the tools of a mount that went away stay listed and answer SERVER_UNAVAILABLE', async () => {
  const port = await freePort();
  const args = ['fixture-main.ts', notesIn(folder.path, 'gone').path, 'http', String(port), TOKEN] as const;
  const server = await startFixture('listening', ...args);
  const mount = httpMount(port);
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  const before = hub.endpoint.listTools(PRINCIPAL).length;
  await server.kill();
  await becomes(mount, 'unavailable');
  const answer = await hub.call('far__echo_data', { text: 'a' });
  expect(codeOf(answer)).toBe('SERVER_UNAVAILABLE');
  expect(detailsOf(answer)).toMatchObject({
    server: 'far',
    sent: false,
    cause: 'nothing listens at its address (ECONNREFUSED)',
  });
  expect(hub.endpoint.listTools(PRINCIPAL)).toHaveLength(before);
  await expectGood(hub);
});

test('an HTTP server that is down at the start is listed as soon as it is up', async () => {
  const port = await freePort();
  const mount = httpMount(port);
  const hub = hubOver(mount);
  let told = 0;
  hub.endpoint.onToolsChanged(() => {
    told += 1;
  });
  await hub.endpoint.settled(20_000);
  expect(mount.state.status).toBe('unavailable');
  expect(hub.endpoint.listTools(PRINCIPAL)).toHaveLength(2);
  const before = told;
  const args = ['fixture-main.ts', notesIn(folder.path, 'later').path, 'http', String(port), TOKEN] as const;
  const server = await startFixture('listening', ...args);
  undo.push(() => server.kill());
  await becomes(mount, 'ready');
  expect(told).toBeGreaterThan(before);
  expect((await hub.call('far__echo_data', { text: 'there' })).structuredContent).toMatchObject({
    text: 'there',
  });
});

test('an HTTP server that was restarted is used again at the next call', async () => {
  const port = await freePort();
  const args = [
    'fixture-main.ts',
    notesIn(folder.path, 'restart').path,
    'http',
    String(port),
    TOKEN,
  ] as const;
  const first = await startFixture('listening', ...args);
  const mount = httpMount(port, { heartbeatMs: 600_000 });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  await first.kill();
  const second = await startFixture('listening', ...args);
  undo.push(() => second.kill());
  const answer = await hub.call('far__echo_data', { text: 'again' });
  expect(answer.structuredContent).toMatchObject({ text: 'again' });
});

test('an HTTP server killed within a call: a clear failure at once', async () => {
  const port = await freePort();
  const notes = notesIn(folder.path, 'killed-http');
  const server = await startFixture('listening', 'fixture-main.ts', notes.path, 'http', String(port), TOKEN);
  const mount = httpMount(port, { heartbeatMs: 600_000 });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  const call = hub.call('far__wait_for_end', { label: 'k' });
  await waitFor(() => notes.read().includes('started k'));
  await server.kill();
  const answer = await call;
  expect(codeOf(answer)).toBe('SERVER_UNAVAILABLE');
  expect(detailsOf(answer)['sent']).toBe(true);
  await expectGood(hub);
});

test('a stopped HTTP server (SIGSTOP) is noticed, and used again when it goes on', async () => {
  const port = await freePort();
  const notes = notesIn(folder.path, 'stopped-http');
  const server = await startFixture('listening', 'fixture-main.ts', notes.path, 'http', String(port), TOKEN);
  undo.push(() => server.kill());
  const mount = httpMount(port, { heartbeatMs: 50, hangMs: 300, connectMs: 400 });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  const call = hub.call('far__wait_for_end', { label: 's' });
  await waitFor(() => notes.read().includes('started s'));
  process.kill(server.pid, 'SIGSTOP');
  expect(codeOf(await call)).toBe('SERVER_UNAVAILABLE');
  await becomes(mount, 'unavailable');
  await expectGood(hub);
  process.kill(server.pid, 'SIGCONT');
  await becomes(mount, 'ready');
  expect((await hub.call('far__echo_data', { text: 'on' })).structuredContent).toMatchObject({ text: 'on' });
});

test('a program that is not the server of ours it is configured as is refused, and diagnostics say so', async () => {
  const mount = rawMount('sftp', 'plain', { own: true, expectServer: 'flotilla-sftp' });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  expect(mount.listTools()).toEqual([]);
  expect(hub.endpoint.listTools(PRINCIPAL).map(({ name }) => name)).toEqual(['good__one', 'good__two']);
  const [finding] = await mountsProbe([mount]).look();
  expect(finding).toMatchObject({
    status: 'fail',
    finding: expect.stringContaining('sftp is not available: it is not the server flotilla-sftp'),
    remedy: expect.stringContaining('mcpServers'),
  });
});

test('a wrong token is said plainly', async () => {
  const port = await freePort();
  const server = await startFixture(
    'listening',
    'fixture-main.ts',
    notesIn(folder.path, 't').path,
    'http',
    String(port),
    TOKEN,
  );
  undo.push(() => server.kill());
  const target = {
    kind: 'http' as const,
    url: `http://127.0.0.1:${port}/mcp`,
    headers: { authorization: 'Bearer wrong' },
  };
  const mount = remote({ name: 'far', target });
  hubOver(mount);
  await mount.settled;
  expect(mount.state).toMatchObject({ status: 'unavailable', cause: 'it refused our token (status 401)' });
});

test('a call without an answer and without progress ends with TIMEOUT and is cancelled there', async () => {
  const notes = notesIn(folder.path, 'quiet');
  const mount = rawMount('raw', 'calls', { notes: notes.path, timing: { quietMs: 200 } });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  expect(codeOf(await hub.call('raw__never'))).toBe('TIMEOUT');
  await waitFor(() => notes.read().includes('cancelled'));
});

test('a message that is too large ends the connection, not the hub', async () => {
  const notes = notesIn(folder.path, 'large');
  const mount = rawMount('raw', 'calls', { notes: notes.path });
  const hub = hubOver(mount);
  await hub.endpoint.settled(20_000);
  const answer = await hub.call('raw__too_large');
  expect(codeOf(answer)).toBe('SERVER_UNAVAILABLE');
  expect(detailsOf(answer)['cause']).toContain('larger than 10485760 bytes');
  await becomes(mount, 'ready');
  await expectGood(hub);
});

test('closing the hub ends a child that ignores the end of its stdin and SIGTERM', async () => {
  const notes = notesIn(folder.path, 'stubborn');
  const mount = rawMount('raw', 'stubborn', { notes: notes.path });
  const hub = testHub(() => [mount]);
  await hub.endpoint.settled(20_000);
  const [pid] = notes.pids() as [number];
  expect(isAlive(pid)).toBe(true);
  await hub.stop();
  expect(notes.read()).toMatch(/stdin closed\nSIGTERM/);
  expect(isAlive(pid)).toBe(false);
  expect(mount.state).toEqual({ status: 'closed' });
});

test('closing while a child is still being started leaves no process', async () => {
  const notes = notesIn(folder.path, 'early');
  const mount = rawMount('raw', 'silent', { notes: notes.path });
  await waitFor(() => notes.pids().length === 1);
  await mount.close();
  expect(isAlive(notes.pids()[0] as number)).toBe(false);
});

function httpMount(port: number, timing: Parameters<typeof remote>[0]['timing'] = {}): Backend {
  const target = {
    kind: 'http' as const,
    url: `http://127.0.0.1:${port}/mcp`,
    headers: { authorization: `Bearer ${TOKEN}` },
  };
  return remote({ name: 'far', target, timing });
}
