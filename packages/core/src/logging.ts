import { destination, type Logger as PinoLogger, pino } from 'pino';

export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger;
};

export interface LogOptions {
  level: string;
  /** File to write to beside stderr is not offered: stderr is the log, the service manager keeps it. */
  fd?: number;
}

/** A structured logger on stderr: stdout belongs to the protocol. */
export function createLogger(options: LogOptions): Logger {
  return pino({ level: options.level, base: null }, destination({ fd: options.fd ?? 2, sync: true }));
}

export const silentLogger: Logger = pino({ level: 'silent' });
