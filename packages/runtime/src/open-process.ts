import { createLogger, createRedactor, type Logger, LogRing, type SecretRedactor } from '@flotilla/core';
import { type FlotillaConfig, loadConfig } from '@flotilla/core/config';
import { type Identity, readIdentity } from './identity.ts';

/** The environment as main.ts read it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every process has before anything is opened. */
export interface ProcessBase {
  config: FlotillaConfig;
  identity: Identity;
  log: Logger;
  ring: LogRing;
  redactor: SecretRedactor;
}

/** Reads the config and sets up the log. INVALID_INPUT names the variable or the key that is wrong. */
export async function openProcess(env: Environment): Promise<ProcessBase> {
  const identity = readIdentity(env);
  const redactor = createRedactor();
  const onSecret = (value: string): void => redactor.add(value);
  const config = await loadConfig({ env, homedir: identity.homedir, onSecret });
  const ring = new LogRing();
  return { config, identity, redactor, ring, log: createLogger({ level: config.logLevel, redactor, ring }) };
}
