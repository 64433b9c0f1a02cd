import { processes, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { describeHosts } from '../support/describe-hosts.ts';
import { startWorld } from '../support/shell-hosts.ts';

describeHosts('scripts', ({ world, it, kind }) => {
  it('give their output apart, their code, and nothing of their state to the next one', async () => {
    const first = await world.shell(
      'web',
      'cd /; X=1; export Y=2; f() { :; }; umask 0; set -e; trap "echo bye" EXIT; echo out; echo err >&2; exit 5',
    );
    expect(first).toMatchObject({ exitCode: 5, signal: null, stderr: 'err\n', truncated: false });
    expect(first.stdout).toBe('out\nbye\n');
    const second = await world.shell('web', 'pwd; echo "$X$Y"; command -v f; umask; false; echo on');
    expect(second.stdout).toMatch(/^\/.+\n\n0022\non\n$/);
  });

  it('read their input, any bytes, and an empty one without', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const piped = await world.shell('web', 'od -An -v -tx1 | tr -d " \\n"', { stdin: bytes });
    expect(piped.stdout).toBe(Buffer.from(bytes).toString('hex'));
    expect((await world.shell('web', 'cat', { stdin: "it's\n%s \\n $HOME" })).stdout).toBe(
      "it's\n%s \\n $HOME",
    );
    expect((await world.shell('web', 'cat; echo end')).stdout).toBe('end\n');
  });

  it('are told apart from what they were killed by', async () => {
    expect(await world.shell('web', 'exit 137')).toMatchObject({ exitCode: 137, signal: null });
    const killed = await world.shell('web', 'kill -KILL "$(sh -c \'echo "$PPID"\')"');
    expect(killed).toMatchObject({ exitCode: null, signal: 'KILL' });
    expect(await world.shell('web', 'kill -TERM 0; sleep 9').catch((error) => error.code)).toBeDefined();
    expect((await world.shell('web', 'echo still here')).stdout).toBe('still here\n');
  });

  it('are cut at the cap of each stream, between characters', async () => {
    const cut = await world.shell('web', 'printf "%1000s" | tr " " x; printf "\\303\\274\\303\\274" >&2', {
      maxBytes: 3,
    });
    expect(cut).toMatchObject({ stdout: 'xxx', stderr: 'ü', truncated: true, exitCode: 0 });
  });

  it('end at their timeout with all they started, and their late output reaches nobody', async () => {
    const mark = `late-${process.pid}-${kind}`;
    const script = `sh -c 'sleep 31; echo ${mark}' & sleep 0.3; echo ${mark}; sleep 30; echo ${mark}`;
    await expect(world.shell('web', script, { timeoutMs: 400 })).rejects.toMatchObject({
      code: 'COMMAND_TIMEOUT',
      details: { alias: 'web', timeoutMs: 400 },
    });
    expect((await world.shell('web', 'sleep 0.2; echo next')).stdout).toBe('next\n');
    await waitFor(() => !processes().some((entry) => entry.commandLine.includes(`echo ${mark}`)));
  });

  it('end when their caller leaves', async () => {
    const abort = new AbortController();
    const waiting = world.shell('web', 'sleep 32', { signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(world.shell('web', 'echo x', { signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('run many at once, each with its own answer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => world.shell('web', `echo ${index}; echo e${index} >&2`)),
    );
    expect(answers.map((answer) => `${answer.stdout}${answer.stderr}`)).toEqual(
      answers.map((_, index) => `${index}\ne${index}\n`),
    );
  });

  it('stand a syntax error', async () => {
    const broken = await world.shell('web', 'if; then (');
    expect(broken.exitCode).not.toBe(0);
    expect((await world.shell('web', 'echo ok')).stdout).toBe('ok\n');
  });
});

test('an unknown host is not asked', async () => {
  const world = await startWorld('bash');
  await expect(world.shell('nowhere', 'true')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await world.stop();
});
