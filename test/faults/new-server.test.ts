import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { copyOfRepository } from '../support/generator.ts';

const copy = copyOfRepository();
afterAll(() => copy.remove());

/** Runs a program of the copy's own installation; its output when it fails. */
function run(program: string, args: string[], folder = ''): string {
  const bin = join(copy.root, 'node_modules', '.bin');
  const env = { HOME: process.env['HOME'], PATH: `${bin}:${process.env['PATH']}`, NO_COLOR: '1' };
  const cwd = join(copy.root, folder);
  const { status, stdout, stderr } = spawnSync(join(bin, program), args, { cwd, env, encoding: 'utf8' });
  return status === 0 ? '' : `${program} ${args.join(' ')}: ${status}\n${stdout}${stderr}`.slice(-8_000);
}

test('from nothing to a server with tested tools that the hub mounts', async () => {
  for (const args of [
    ['server', 'mail-relay', '--example'],
    ['tool', 'mail-relay', 'mail_age'],
    ['tool', 'mail-relay', 'mail_purge', '--job', '--effect', 'destroy'],
  ]) {
    const { code, said } = await copy.generateIn({ CI: '1' }, ...args);
    expect(code, said).toBe(0);
  }
  expect(run('biome', ['check', 'servers/mail-relay', 'hub/src'])).toBe('');
  expect(run('turbo', ['boundaries'])).not.toContain('mail-relay');
  expect(run('tsc', ['-p', 'tsconfig.json'], 'servers/mail-relay')).toBe('');
  expect(run('tsc', ['-p', 'tsconfig.json'], 'hub')).toBe('');
  expect(run('vitest', ['run', '--project', 'mail-relay'])).toBe('');
  expect(run('node', ['--conditions=@flotilla/source', 'test/support/write-docs.ts'])).toBe('');
  for (const name of ['mail_relay_uptime', 'mail_relay_mark', 'mail_age', 'mail_purge'])
    expect(readFileSync(join(copy.root, 'docs/tools.md'), 'utf8')).toContain(`## ${name}\n`);
  const whole = ['test/system/contract.test.ts', 'test/rules/tools-reference.test.ts'];
  expect(run('vitest', ['run', '--project', 'test', ...whole])).toBe('');
});
