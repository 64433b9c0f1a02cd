import { destination, type Logger as PinoLogger, pino } from 'pino';
import type { LogRing } from './log-ring.ts';
import type { SecretRedactor } from './text/redact.ts';

export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger;
};

export interface LogOptions {
  level: string;
  /** File to write to beside stderr is not offered: stderr is the log, the service manager keeps it. */
  fd?: number;
  /** Masks secrets in every line before it is written or kept. */
  redactor?: Pick<SecretRedactor, 'log'>;
  /** Keeps the newest lines for `task_logs`. */
  ring?: LogRing;
}

/** A structured logger on stderr: stdout belongs to the protocol. */
export function createLogger(options: LogOptions): Logger {
  const { redactor, ring } = options;
  const out = destination({ fd: options.fd ?? 2, sync: true });
  // A reader of stderr that went away must not take the process with it.
  out.on('error', () => {});
  const write = (line: string) => {
    const safe = redactor === undefined ? line : redactor.log(line);
    ring?.push(safe);
    out.write(safe);
  };
  return pino({ level: options.level, base: null }, { write });
}

export const silentLogger: Logger = pino({ level: 'silent' });
