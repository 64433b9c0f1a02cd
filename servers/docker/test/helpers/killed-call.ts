import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../fixtures/child-server.ts', import.meta.url));
const flags = ['--conditions=@flotilla/source', '--disable-warning=ExperimentalWarning'];

/** Makes a call in a process of its own and kills that process -9 `delayMs` after the run was acknowledged; its id. */
export async function killedCall(
  env: Record<string, string>,
  tool: string,
  args: Record<string, unknown>,
  delayMs: number,
): Promise<string> {
  const child = spawn(process.execPath, [...flags, program, JSON.stringify({ env, tool, args })], {
    env: { ...env, PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  try {
    const said = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
        if (text.includes('\n')) resolve(text);
      });
      child.once('exit', () => reject(new Error(`the process ended: ${errors || text}`)));
    });
    const { run } = JSON.parse(said) as { run?: { id: string } };
    if (!run) throw new Error(`no run: ${said}`);
    await pause(delayMs);
    return run.id;
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}
