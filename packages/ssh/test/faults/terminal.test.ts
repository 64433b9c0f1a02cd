import type { PtySpec, Question } from '@flotilla/core';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collect, newHub, outcomeOf, startWorld, type World } from '../support/shell-hosts.ts';

const silent: PtySpec = { autoRespond: false, responses: {} };
const helpful: PtySpec = { autoRespond: true, responses: { 'Your name?': 'Ada', '/colou?r: $/i': 'red' } };

describe.each(['bash', 'dash'] as const)('terminals on a %s host', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(kind);
  });
  afterAll(() => world.stop());

  /** Starts a command and gives the first question it asks. */
  function asking(command: string, id: string, pty: PtySpec = silent, timeoutMs = 0) {
    const questions: (Question | undefined)[] = [];
    const following = world.run({ command, pty, timeoutMs }, id, {
      onQuestion: (question) => questions.push(question),
    });
    const asked = (): Promise<Question> => waitFor(() => questions.findLast((question) => question));
    return { following, questions, asked };
  }

  test('are terminals, of the size asked for, and the code is the command’s', async () => {
    const seen = await world.run({
      command: 'test -t 0 && test -t 1 && test -t 2 && stty size && echo "$TERM" && exit 7',
      pty: { ...silent, columns: 91, rows: 33 },
    });
    expect(seen.stdout).toBe('33 91\r\nxterm\r\n');
    expect(outcomeOf(seen)).toMatchObject({ exitCode: 7, signal: null });
    expect(outcomeOf(await world.run({ command: 'exit 137', pty: silent }))).toMatchObject({ exitCode: 137 });
    expect(outcomeOf(await world.run({ command: 'kill -9 $$', pty: silent }))).toMatchObject({
      signal: 'KILL',
    });
  });

  test('answer several prompts in a row: prepared ones and those of package managers', async () => {
    const seen = await world.run({
      command: [
        'printf "Your name? "; read n; printf "Favourite COLOR: "; read c',
        'printf "After this operation, 3 kB of disk space will be used.\\nDo you want to continue? [Y/n] "; read y',
        'printf "*** a.conf (Y/I/N/O/D/Z) [default=N] ? "; read f; echo "$n/$c/$y/$f"; exit 3',
      ].join('\n'),
      pty: helpful,
    });
    expect(seen.stdout).toMatch(/Ada\/red\/Y\/N\r\n$/);
    expect(outcomeOf(seen).exitCode).toBe(3);
  });

  test('ask a person what they do not know, and take one answer to each question', async () => {
    const id = world.id();
    const { following, questions, asked } = asking(
      'echo "About to format."; printf "Really? "; read -r a; printf "Sure? "; read -r b; printf "[%s][%s]\\n" "$a" "$b"',
      id,
      helpful,
    );
    const first = await asked();
    expect(first).toMatchObject({ prompt: 'About to format.\nReally?', secret: false });
    expect(await world.runner.status('web', id)).toMatchObject({ state: 'running', question: first });
    await world.runner.answer('web', id, first.number, 'yes');
    await expect(world.runner.answer('web', id, first.number, 'again')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const second = await waitFor(() => questions.findLast((one) => one && one.number > first.number));
    expect(second.prompt).toMatch(/Sure\?$/);
    await world.runner.answer('web', id, second.number, "it's \\n %s");
    expect((await following).stdout).toMatch(/\[yes\]\[it's \\n %s\]\r\n$/);
    expect(questions.at(-1)).toBeUndefined();
    await expect(world.runner.answer('web', id, second.number, 'late')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('say when a secret is asked for, and never answer a host key question', async () => {
    const id = world.id();
    const hidden = asking(
      'stty -echo; printf "Token: "; read t; stty echo; echo; expr length "$t"',
      id,
      helpful,
    );
    const secret = await hidden.asked();
    expect(secret).toMatchObject({ prompt: 'Token:', secret: true });
    await world.runner.answer('web', id, secret.number, '12345');
    const seen = await hidden.following;
    expect(seen.stdout).toBe('Token: \r\n5\r\n');

    const host = world.id();
    const prompt = 'Are you sure you want to continue connecting (yes/no/[fingerprint])? ';
    const trusting: PtySpec = { autoRespond: true, responses: { 'Are you sure': 'yes', '/yes/': 'yes' } };
    const asked = asking(`printf '${prompt}'; read a; echo "<$a>"`, host, trusting);
    expect((await asked.asked()).prompt).toBe(prompt.trim());
    await world.runner.cancel('web', host, { graceMs: 200 });
    expect((await asked.following).stdout).not.toContain('<yes>');
  });

  test('stop the clock while they wait for a person, not otherwise', async () => {
    const id = world.id();
    const waiting = asking('printf "Go? "; read a; echo "$a"', id, silent, 1_500);
    const question = await waiting.asked();
    await waitFor(() => performance.now(), { timeoutMs: 1 });
    const until = performance.now() + 2_500;
    await waitFor(() => performance.now() > until, { intervalMs: 50 });
    await world.runner.answer('web', id, question.number, 'now');
    const seen = await waiting.following;
    expect(outcomeOf(seen)).toMatchObject({ exitCode: 0, timedOut: false });
    expect(seen.stdout).toContain('now');
    expect(outcomeOf(await world.run({ command: 'sleep 45', pty: silent, timeoutMs: 600 }))).toMatchObject({
      timedOut: true,
    });
  });

  test('go on asking after the process that followed them is gone', async () => {
    const id = world.id();
    const hub = newHub(world.directory);
    let seen: Question | undefined;
    const begun = collect(
      {
        onQuestion: (question) => {
          seen = question ?? seen;
        },
      },
      (events) =>
        hub.runner.start(
          'web',
          id,
          { command: 'printf "Proceed? "; read a; echo "<$a>"', pty: silent },
          events,
        ),
    ).catch(() => undefined);
    const before = await waitFor(() => seen);
    await hub.links.close();
    await begun;
    const questions: Question[] = [];
    const following = world.attach(id, { onQuestion: (question) => question && questions.push(question) });
    const after = await waitFor(() => questions[0]);
    expect(after).toEqual(before);
    await world.runner.answer('web', id, after.number, 'ok');
    expect((await following).stdout).toContain('<ok>');
  });

  test('run a secret script, and are cancelled with all they started', async () => {
    const word = `canary${Date.now()}`;
    const secret = await world.run({ command: `echo ${word}; tty`, pty: silent, secret: true });
    expect(secret.stdout).toMatch(new RegExp(`^${word}\r\n/dev/pts/`));
    const id = world.id();
    const { following } = asking('sleep 46 & trap "" TERM HUP; sleep 47', id);
    await waitFor(() => world.state(id).some((line) => line.startsWith('t ')));
    expect(await world.runner.cancel('web', id, { graceMs: 200 })).toEqual({ state: 'stopped' });
    expect(outcomeOf(await following)).toMatchObject({ cancelled: true });
  });
});
