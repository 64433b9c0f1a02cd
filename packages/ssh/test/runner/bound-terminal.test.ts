import type { PtySpec, Question } from '@flotilla/core';
import { processes, waitFor, whyNoBusybox } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newHub, outcomeOf, startWorld, type World } from '../support/shell-hosts.ts';

const reason = whyNoBusybox();
/** Seconds that no other process of the machine sleeps for. */
const [first = 0, second = 0, third = 0, fourth = 0] = [1, 2, 3, 4].map((n) => n * 1_000_000 + process.pid);
const silent: PtySpec = { autoRespond: false, responses: {} };

describe.skipIf(reason !== undefined)(
  `a host without script(1)${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld('busybox');
    });
    afterAll(() => world?.stop());

    test('gives the connection’s terminal, and says so', async () => {
      const seen = await world.run(
        { command: 'test -t 0 && stty size; echo "$FLOTILLA_RUN"; exit 5', pty: silent },
        'bound-1',
      );
      expect(seen.stdout).toBe('40 120\r\nbound-1\r\n');
      const outcome = outcomeOf(seen);
      expect(outcome).toMatchObject({ exitCode: 5, signal: null });
      expect(outcome.notes?.[0]).toMatch(/bound to the connection/);
      expect(outcomeOf(await world.run({ command: 'echo no', pty: silent }, 'bound-1'))).toMatchObject({
        exitCode: 5,
      });
      expect(await world.runner.status('web', 'bound-1')).toMatchObject({ state: 'ended' });
    });

    test('answers what is prepared and asks for the rest', async () => {
      const questions: Question[] = [];
      const id = world.id();
      const following = world.run(
        {
          command: 'printf "Name? "; read n; printf "Really? "; read r; echo "<$n$r>"',
          pty: { autoRespond: true, responses: { 'Name?': 'Ada' } },
          timeoutMs: 4_000,
        },
        id,
        { onQuestion: (question) => question && questions.push(question) },
      );
      const question = await waitFor(() => questions[0]);
      expect(question.prompt).toMatch(/Really\?$/);
      expect(await world.runner.status('web', id)).toMatchObject({ state: 'running', question });
      await expect(world.runner.answer('web', id, question.number + 1, 'x')).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      await world.runner.answer('web', id, question.number, 'yes');
      expect((await following).stdout).toContain('<Adayes>');
    });

    test('loses the command with the connection, and tells it from any process', async () => {
      const id = world.id();
      const following = world.run({ command: `echo up; sleep ${first}`, pty: silent }, id);
      await waitFor(() => processes().some((entry) => entry.commandLine === `sleep ${first}`));
      world.sshd.killSessions();
      expect((await following).state).toEqual({ state: 'lost', reason: 'connection_bound' });
      const other = newHub(world.directory);
      expect(await other.runner.status('web', id)).toEqual({ state: 'lost', reason: 'connection_bound' });
      expect((await world.run({ command: 'echo again', pty: silent }, id)).state).toEqual({
        state: 'lost',
        reason: 'connection_bound',
      });
      await other.runner.cancel('web', id, { graceMs: 100 });
      expect(processes().filter((entry) => entry.commandLine === `sleep ${first}`)).toEqual([]);
      await other.links.close();
    });

    test('stops it when it is cancelled or out of time', async () => {
      const id = world.id();
      const following = world.run({ command: `sleep ${second}`, pty: silent }, id);
      await waitFor(() => processes().some((entry) => entry.commandLine === `sleep ${second}`));
      expect(await world.runner.cancel('web', id)).toEqual({ state: 'stopped' });
      expect(outcomeOf(await following)).toMatchObject({ cancelled: true });
      const late = await world.run({ command: `sleep ${third}`, pty: silent, timeoutMs: 300 });
      expect(outcomeOf(late)).toMatchObject({ timedOut: true });
      await waitFor(
        () => !processes().some((entry) => [`sleep ${second}`, `sleep ${third}`].includes(entry.commandLine)),
      );
    });

    test('is stopped when the cancel comes before its terminal has opened', async () => {
      const id = world.id();
      const following = world.run({ command: `sleep ${fourth}`, pty: silent }, id);
      await waitFor(() => world.runner.status('web', id).then(({ state }) => state === 'running'));
      await world.runner.cancel('web', id);
      expect(outcomeOf(await following)).toMatchObject({ cancelled: true });
      expect(processes().filter((entry) => entry.commandLine === `sleep ${fourth}`)).toEqual([]);
    });

    test('is stopped with what ignores the end of the terminal', async () => {
      const id = world.id();
      const following = world.run({ command: `trap "" HUP TERM; sleep ${fourth}`, pty: silent }, id);
      await waitFor(() => processes().some((entry) => entry.commandLine === `sleep ${fourth}`));
      expect(await world.runner.cancel('web', id, { graceMs: 200 })).toEqual({ state: 'stopped' });
      expect(outcomeOf(await following)).toMatchObject({ cancelled: true });
      expect(processes().filter((entry) => entry.commandLine === `sleep ${fourth}`)).toEqual([]);
    });

    test('refuses what its process list would show', async () => {
      await expect(world.run({ command: 'x', pty: silent, secret: true })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        details: { sent: false },
      });
    });
  },
);
