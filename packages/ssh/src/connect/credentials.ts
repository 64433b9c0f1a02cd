import type { HostRecord } from '@flotilla/core';
import type { AnyAuthMethod } from 'ssh2';
import type { KeyFiles } from '../keys/key-files.ts';
import { KeyProblem } from '../keys/private-key.ts';
import { answerPrompts } from './keyboard-interactive.ts';

export type LoginMethod = 'none' | 'publickey' | 'password' | 'keyboard-interactive';

/** One way to log in; `label` is safe to show. */
export interface Credential {
  method: LoginMethod;
  label: string;
  attempt(problem: (text: string) => void): AnyAuthMethod;
}

export interface Credentials {
  usable: Credential[];
  /** Why something configured cannot be used, e.g. a key file that cannot be read. */
  problems: string[];
}

/** What the record offers, in the order in which it is tried: key file, agent, password. */
export async function credentialsOf(record: HostRecord, keys: KeyFiles): Promise<Credentials> {
  const { user: username, keyPath, privateKey, passphrase, agentSocket, password } = record;
  const usable: Credential[] = [];
  const problems: string[] = [];
  if (keyPath !== undefined || privateKey !== undefined) {
    const label = keyPath === undefined ? 'private key' : `key file ${keyPath}`;
    try {
      const key =
        privateKey === undefined
          ? await keys.load(keyPath ?? '', passphrase)
          : keys.parse(privateKey, passphrase);
      usable.push({ method: 'publickey', label, attempt: () => ({ type: 'publickey', username, key }) });
    } catch (error) {
      if (!(error instanceof KeyProblem)) throw error;
      problems.push(`${label}: ${error.message}`);
    }
  }
  if (agentSocket !== undefined)
    usable.push({
      method: 'publickey',
      label: 'SSH agent',
      attempt: () => ({ type: 'agent', username, agent: agentSocket }),
    });
  if (password !== undefined) {
    usable.push({
      method: 'password',
      label: 'password',
      attempt: () => ({ type: 'password', username, password }),
    });
    usable.push({
      method: 'keyboard-interactive',
      label: 'password (keyboard-interactive)',
      attempt: (problem) => ({
        type: 'keyboard-interactive',
        username,
        prompt: answerPrompts(password, problem),
      }),
    });
  }
  return { usable, problems };
}
