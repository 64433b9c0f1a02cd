import { readFile as readFileAsync } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { FlotillaError } from '../errors.ts';
import { parseConfigFile } from './config-file.ts';
import { mergeConfig } from './merge.ts';
import { absolutePath } from './paths.ts';
import { redisOf } from './redis.ts';
import type { ConfigFile } from './schema.ts';
import type { FlotillaConfig } from './types.ts';
import { type Environment, readVariables } from './variables.ts';

export interface LoadOptions {
  env: Environment;
  /** Absolute home folder of the user. */
  homedir: string;
  /** Told of every value of `${env:X}` that stands where a secret may. */
  onSecret?: (value: string) => void;
  readFile?: (path: string) => Promise<string>;
}

async function readOptional(
  read: (path: string) => Promise<string>,
  path: string,
): Promise<string | undefined> {
  try {
    return await read(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FlotillaError('INVALID_INPUT', `${path} cannot be read.`, {
      cause,
      hint: 'Check its permissions.',
    });
  }
}

/**
 * Defaults < config file < `<data>/.env` < environment. A `.env` of the working folder is never read.
 * `${vault:NAME}` stays as it is: the vault opens later. Throws INVALID_INPUT that names the variable, or the file and the key.
 */
export async function loadConfig(options: LoadOptions): Promise<FlotillaConfig> {
  const { env, homedir } = options;
  const read = options.readFile ?? ((path: string) => readFileAsync(path, 'utf8'));
  const dataDir = absolutePath(
    readVariables(env).text('DATA_DIR') ?? '~/.config/flotilla',
    homedir,
    'The data folder',
  );
  const dotEnv = await readOptional(read, resolve(dataDir, '.env'));
  const merged: Environment = dotEnv === undefined ? env : { ...parseEnv(dotEnv), ...env };
  const named = merged['FLOTILLA_CONFIG'];
  const configFile =
    named === undefined || named === ''
      ? resolve(dataDir, 'config.json')
      : absolutePath(named, homedir, 'FLOTILLA_CONFIG');
  const text = await readOptional(read, configFile);
  if (text === undefined && named)
    throw new FlotillaError('INVALID_INPUT', `FLOTILLA_CONFIG names ${configFile}, which does not exist.`);
  const file: ConfigFile =
    text === undefined
      ? {}
      : parseConfigFile(text, configFile, {
          env: merged,
          ...(options.onSecret && { onSecret: options.onSecret }),
        });
  const variables = readVariables(merged);
  const redis = await redisOf({
    file,
    variables,
    homedir,
    read: (path) => readOptional(read, path),
    onSecret: options.onSecret,
  });
  return mergeConfig({ file, variables, dataDir, configFile, homedir, redis });
}
