import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, LogRing } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime/process';

const MAX_BYTES = 5 * 1024 * 1024;

export const logFile = (dataDir: string): string => join(dataDir, 'hub.log');

/** Keeps lines in memory like any ring, and the ones that matter also in a file that `flotilla logs` reads. */
class FileRing extends LogRing {
  readonly #file: string;

  constructor(file: string) {
    super();
    this.#file = file;
  }

  override push(line: string): void {
    super.push(line);
    try {
      this.#append(line);
    } catch {
      // stderr has the line; a full disk or a lost folder must not end a hub.
    }
  }

  /** Opened for every line: another hub on the folder may have moved the file away. */
  #append(line: string): void {
    const fd = openSync(this.#file, 'a', 0o600);
    try {
      writeSync(fd, line.replace(/^\{/, `{"pid":${process.pid},`));
      if (fstatSync(fd).size > MAX_BYTES) renameSync(this.#file, `${this.#file}.1`);
    } finally {
      closeSync(fd);
    }
  }
}

/** The same process with its log in the data folder too. */
export function withLogFile(base: ProcessBase): ProcessBase {
  const { config, redactor } = base;
  const ring = new FileRing(logFile(config.dataDir));
  return { ...base, ring, log: createLogger({ level: config.logLevel, redactor, ring }) };
}
