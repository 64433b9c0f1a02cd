// `npm test`: lint, boundaries, types, then every test with coverage. Ends with `N passed, N failed, N skipped`.
// `npm test -- --faults` runs the long fault suites instead.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureServices } from './services.mjs';

const faults = process.argv.includes('--faults');
const filters = process.argv.slice(2).filter((arg) => arg !== '--faults');

const problem = ensureServices();
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

function run(name, command, args) {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`);
  return status === 0;
}

let failedSteps = 0;
if (!faults) {
  const steps = [
    ['lint', 'biome', ['check', '--reporter=summary', '.']],
    ['package boundaries', 'turbo', ['boundaries']],
    ['types', 'turbo', ['run', 'typecheck', '--output-logs=errors-only']],
  ];
  for (const step of steps) if (!run(...step)) failedSteps += 1;
}

const folder = mkdtempSync(join(tmpdir(), 'flotilla-check-'));
const report = join(folder, 'report.json');
const mode = faults ? ['--config', 'vitest.faults.config.ts'] : filters.length === 0 ? ['--coverage'] : [];
const ok = run('tests', 'vitest', [
  'run',
  ...mode,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...filters,
]);
let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  failedSteps += 1;
}
rmSync(folder, { recursive: true, force: true });

for (const file of counts.testResults) {
  for (const test of file.assertionResults) {
    if (test.status === 'pending' || test.status === 'skipped')
      process.stdout.write(`skipped: ${test.fullName}\n`);
    if (test.status === 'failed') process.stdout.write(`failed: ${test.fullName}\n`);
  }
}
const slow = counts.testResults
  .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
  .sort((a, b) => b.seconds - a.seconds)
  .slice(0, 8);
for (const { name, seconds } of slow)
  process.stdout.write(`slowest: ${seconds.toFixed(1)} s ${relative(process.cwd(), name)}\n`);
const failed = counts.numFailedTests + failedSteps + (ok || counts.numFailedTests > 0 ? 0 : 1);
process.stdout.write(
  `${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests + counts.numTodoTests} skipped\n`,
);
process.exit(failed === 0 && counts.numPassedTests > 0 ? 0 : 1);
