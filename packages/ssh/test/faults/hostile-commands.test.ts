import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import { expect } from 'vitest';
import { OUTPUT_CAP } from '../../src/channel/host/library.ts';
import { describeHosts } from '../support/describe-hosts.ts';
import { outcomeOf } from '../support/shell-hosts.ts';

describeHosts('hostile commands', ({ world, it }) => {
  it.each([
    ['kill 0', 'kill 0; sleep 5', { signal: 'TERM' }],
    ['kill -9 0', 'kill -9 0; sleep 5', { signal: 'KILL' }],
    ['exec', 'exec sh -c "exit 6"', { exitCode: 6 }],
    ['set -e', 'set -e; false; exit 9', { exitCode: 1 }],
    ['traps', 'trap "exit 7" EXIT TERM; kill -TERM $$; sleep 5', { exitCode: 7 }],
    ['unset', 'unset PATH HOME IFS FLOTILLA_RUN f_mark f_runs f_id; exit 8', { exitCode: 8 }],
    ['descriptors', 'exec 0<&- 1>&- 2>&- 3>&- 4>&- 5>&- 6>&- 9>&-; exit 10', { exitCode: 10 }],
    ['reading its input', 'cat; read x; exit 11', { exitCode: 11 }],
    ['a syntax error', 'if; then', {}],
    ['a leading dash', '-x; exit 12', { exitCode: 12 }],
    ['stopping itself', '(sleep 0.3; kill -CONT $$) & kill -STOP $$; exit 13', { exitCode: 13 }],
    ['many lines', 'for x in 1 2; do\n:\ndone\nexit 14', { exitCode: 14 }],
    ['a folder that goes away', 'cd "$HOME"; mkdir gone; cd gone; rmdir ../gone; exit 15', { exitCode: 15 }],
  ])('%s ends as it says and hurts nobody', async (_name, command, expected) => {
    const neighbour = world.run('sleep 0.5; echo fine; exit 3');
    expect(outcomeOf(await world.run(command))).toMatchObject(expected);
    const beside = await neighbour;
    expect(beside.stdout).toBe('fine\n');
    expect(outcomeOf(beside).exitCode).toBe(3);
    expect((await world.shell('web', 'echo well')).stdout).toBe('well\n');
  });

  it('children that keep the output open do not hold back the end', async () => {
    const started = performance.now();
    const seen = await world.run('(sleep 8; echo late) & echo now');
    expect(seen.stdout).toBe('now\n');
    expect(performance.now() - started).toBeLessThan(7_000);
  });

  it('output that looks like our frames is output', async () => {
    const command = String.raw`printf '\001%s e x 0 0 0 9 9 0 -\n' 0123456789abcdef0123456789abcdef; printf '\001'`;
    const seen = await world.run(command);
    expect(seen.stdout).toBe('\u00010123456789abcdef0123456789abcdef e x 0 0 0 9 9 0 -\n\u0001');
  });

  it('every byte comes through, also much of it', async () => {
    const all = String.raw`i=0; while [ $i -lt 256 ]; do printf "\\$(printf %o $i)"; i=$((i+1)); done`;
    expect((await world.run(all)).stdout).toBe(String.fromCharCode(...Array.from({ length: 256 }).keys()));
    const seen = await world.run('head -c 3000000 /dev/zero | tr "\\000" x; echo end >&2');
    expect(seen.stdout.length).toBe(3_000_000);
    expect(/^x+$/.test(seen.stdout)).toBe(true);
    expect(seen.stderr).toBe('end\n');
  });

  it('a gigabyte is counted, and the host keeps no more than the cap', async () => {
    const id = world.id();
    const file = join(world.runs, `${id}.o`);
    let most = 0;
    const watch = setInterval(() => {
      if (existsSync(file)) most = Math.max(most, statSync(file).blocks * 512);
    }, 20);
    const seen = await world.run('head -c 1073741824 /dev/zero; exit 5', id);
    clearInterval(watch);
    const outcome = outcomeOf(seen);
    expect(outcome.exitCode).toBe(5);
    expect(outcome.stdoutBytes).toBe(OUTPUT_CAP);
    expect(outcome.droppedBytes).toBe(1_073_741_824 - OUTPUT_CAP);
    expect(seen.stdout.length).toBe(OUTPUT_CAP);
    await waitFor(() => statSync(file).blocks * 512 <= OUTPUT_CAP + 65_536);
    expect(statSync(file).size).toBe(OUTPUT_CAP);
    expect(most).toBeGreaterThan(0);
  }, 60_000);
});
