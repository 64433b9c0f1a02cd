// `npm test`: lint, boundaries, types, then every test with coverage. Ends with `N passed, N failed, N skipped`.
// `npm test -- --faults` runs the long fault suites instead.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
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

/** The same beside others: what it prints comes when it has ended. */
function runBeside(name, command, args) {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  child.stdout.on('data', (chunk) => printed.push(chunk));
  child.stderr.on('data', (chunk) => printed.push(chunk));
  return new Promise((resolve) => {
    const ended = (status) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(Buffer.concat(printed));
      process.stdout.write(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`);
      resolve(status === 0);
    };
    child.once('error', (error) => {
      printed.push(Buffer.from(`${error.message}\n`));
      ended(1);
    });
    child.once('close', ended);
  });
}

let failedSteps = 0;
// Tests that start Flotilla as users do take the bundles, and so start in a third of the time.
if (!run('bundle', process.execPath, ['scripts/bundle.mjs'])) process.exit(1);
process.env.FLOTILLA_TEST_BUNDLES = '1';
// The processes of tests that run from sources need not compile them again at every start.
process.env.NODE_COMPILE_CACHE = join(process.cwd(), 'node_modules', '.cache', 'flotilla-tests');
if (!faults) {
  const steps = [
    ['lint', 'biome', ['check', '--reporter=summary', '.']],
    ['package boundaries', 'turbo', ['boundaries']],
    ['unused code', 'knip', ['--no-progress', '--no-config-hints']],
    ['types', 'turbo', ['run', 'typecheck', '--output-logs=errors-only']],
  ];
  const passed = await Promise.all(steps.map((step) => runBeside(...step)));
  failedSteps += passed.filter((ok) => !ok).length;
}

const folder = mkdtempSync(join(tmpdir(), 'flotilla-check-'));
const NO_TESTS = {
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
};

/** Runs vitest; `crashed` when it ended badly although no test failed. */
function runTests(name, args) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const ok = run(name, 'vitest', [
    'run',
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8'));
    return { counts, crashed: !ok && counts.numFailedTests === 0 };
  } catch {
    return { counts: NO_TESTS, crashed: true };
  }
}

/** Lines that ran inside the test processes, of each package; what runs in processes that tests start is not seen. */
function reportCoverage(file) {
  if (!existsSync(file)) return;
  const parts = new Map();
  for (const [path, { lines }] of Object.entries(JSON.parse(readFileSync(file, 'utf8')))) {
    const [kind, name] = relative(process.cwd(), path).split(sep);
    if (path === 'total') continue;
    const part = kind === 'hub' ? 'hub' : `${kind}/${name}`;
    const { covered, total } = parts.get(part) ?? { covered: 0, total: 0 };
    parts.set(part, { covered: covered + lines.covered, total: total + lines.total });
  }
  for (const [part, { covered, total }] of [...parts].sort()) {
    const percent = (100 * covered) / total;
    const wanted = part.startsWith('packages/') ? 95 : 90;
    const below = percent < wanted ? `, below ${wanted} %` : '';
    process.stdout.write(`coverage: ${percent.toFixed(1)} % of ${total} lines of ${part}${below}\n`);
  }
}

// The tests wait for hosts and processes far more than they compute.
const mode = faults ? ['--config', 'vitest.faults.config.ts'] : [];
const together = faults ? [] : ['--maxWorkers=5'];
const coverageFolder = join(folder, 'coverage');
const coverage =
  !faults && filters.length === 0 ? ['--coverage', `--coverage.reportsDirectory=${coverageFolder}`] : [];
const { counts, crashed } = runTests('tests', [...mode, ...together, ...coverage, ...filters]);

// A test that fails beside others and passes alone is named as such: it is a defect of the test.
const failedFiles = counts.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
let stillFailing = counts.numFailedTests;
let unsteady = 0;
if (failedFiles.length > 0 && failedFiles.length <= 5 && counts.numFailedTests > 0) {
  const again = runTests('failed files again, alone', [
    ...mode,
    '--maxWorkers=1',
    ...failedFiles.map((file) => relative(process.cwd(), file)),
  ]);
  if (!again.crashed) {
    stillFailing = again.counts.numFailedTests;
    unsteady = Math.max(0, counts.numFailedTests - stillFailing);
  }
}
if (coverage.length > 0) reportCoverage(join(coverageFolder, 'coverage-summary.json'));
rmSync(folder, { recursive: true, force: true });

for (const file of counts.testResults) {
  for (const test of file.assertionResults) {
    if (test.status === 'pending' || test.status === 'skipped')
      process.stdout.write(`skipped: ${test.fullName}\n`);
    if (test.status === 'failed') process.stdout.write(`failed: ${test.fullName}\n`);
  }
}
if (unsteady > 0) process.stdout.write(`unsteady: ${unsteady} of them passed when run alone\n`);
const slow = counts.testResults
  .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }))
  .sort((a, b) => b.seconds - a.seconds)
  .slice(0, 8);
for (const { name, seconds } of slow)
  process.stdout.write(`slowest: ${seconds.toFixed(1)} s ${relative(process.cwd(), name)}\n`);
const failed = stillFailing + failedSteps + (crashed ? 1 : 0);
const passedTests = counts.numPassedTests + unsteady;
process.stdout.write(
  `${passedTests} passed, ${failed} failed, ${counts.numPendingTests + counts.numTodoTests} skipped\n`,
);
process.exit(failed === 0 && passedTests > 0 ? 0 : 1);
