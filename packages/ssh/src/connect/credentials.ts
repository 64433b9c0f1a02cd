import { readFile } from 'node:fs/promises';
import type { HostRecord } from '@flotilla/core';
import ssh2, { type AnyAuthMethod } from 'ssh2';

/** One way to log in; `label` is safe to show. */
export interface Credential {
  method: 'publickey' | 'password' | 'keyboard-interactive' | 'none';
  label: string;
  attempt: AnyAuthMethod;
}

export interface Credentials {
  usable: Credential[];
  /** Why something configured cannot be used, e.g. a key file that cannot be read. */
  problems: string[];
}

/** What the record offers, in the order in which it is tried: key, agent, password. */
export async function credentialsOf(record: HostRecord): Promise<Credentials> {
  const usable: Credential[] = [];
  const problems: string[] = [];
  const username = record.user;
  if (record.keyPath !== undefined) {
    try {
      const key = ssh2.utils.parseKey(await readFile(record.keyPath), record.passphrase);
      if (key instanceof Error) throw key;
      usable.push({
        method: 'publickey',
        label: `key file ${record.keyPath}`,
        attempt: { type: 'publickey', username, key },
      });
    } catch (error) {
      problems.push(`key file ${record.keyPath}: ${error instanceof Error ? error.message : 'not readable'}`);
    }
  }
  if (record.agentSocket !== undefined)
    usable.push({
      method: 'publickey',
      label: 'SSH agent',
      attempt: { type: 'agent', username, agent: record.agentSocket },
    });
  if (record.password !== undefined) {
    const { password } = record;
    usable.push({
      method: 'password',
      label: 'password',
      attempt: { type: 'password', username, password },
    });
    usable.push({
      method: 'keyboard-interactive',
      label: 'password (keyboard-interactive)',
      attempt: {
        type: 'keyboard-interactive',
        username,
        prompt: (_name, _instructions, _lang, prompts, finish) =>
          finish(prompts.map((prompt) => (prompt.echo ? '' : password))),
      },
    });
  }
  return { usable, problems };
}
