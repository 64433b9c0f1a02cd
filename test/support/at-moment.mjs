/**
 * Loaded before a hub: sends it a signal at one moment of its work with the state file. MOMENT is a regular expression
 * over SQL; MOMENT_WHEN `before` the statement, or once it is `committed`; MOMENT_SIGNAL is SIGKILL unless named.
 */
const { MOMENT = '', MOMENT_WHEN = 'before', MOMENT_SIGNAL = 'SIGKILL' } = process.env;
if (MOMENT !== '') {
  const { default: Database } = await import('better-sqlite3');
  const memory = new Database(':memory:');
  const statement = Object.getPrototypeOf(memory.prepare('SELECT 1'));
  memory.close();
  const moment = new RegExp(MOMENT);
  let waitsForCommit = false;
  let sent = false;
  const send = () => {
    if (!sent) process.kill(process.pid, MOMENT_SIGNAL);
    sent = true;
  };
  for (const name of ['run', 'get', 'all']) {
    const original = statement[name];
    statement[name] = function (...parameters) {
      const hit = moment.test(this.source);
      if (hit && MOMENT_WHEN === 'before') send();
      const result = original.apply(this, parameters);
      if (hit && MOMENT_WHEN === 'committed') waitsForCommit = true;
      if (waitsForCommit && this.source === 'COMMIT') send();
      return result;
    };
  }
}
