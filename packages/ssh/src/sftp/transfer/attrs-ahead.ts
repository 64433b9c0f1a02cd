import type { Attrs } from '../protocol/attrs.ts';
import type { SftpClient } from '../protocol/sftp-client.ts';
import { absent } from '../status-meaning.ts';

type Kind = 'stat' | 'lstat';

/**
 * Attributes that will be wanted soon, asked for together: one round trip instead of one each. An answer is
 * used once; undefined = there is nothing at that path.
 */
export class AttrsAhead {
  private readonly client: SftpClient;
  private readonly asked = new Map<string, Promise<Attrs | undefined>>();

  constructor(client: SftpClient) {
    this.client = client;
  }

  ask(kind: Kind, path: Uint8Array): void {
    const answer = this.client[kind](path).catch(absent);
    answer.catch(() => {});
    this.asked.set(keyOf(kind, path), answer);
  }

  get(kind: Kind, path: Uint8Array): Promise<Attrs | undefined> {
    const key = keyOf(kind, path);
    const answer = this.asked.get(key) ?? this.client[kind](path).catch(absent);
    this.asked.delete(key);
    return answer;
  }
}

const keyOf = (kind: Kind, path: Uint8Array): string => `${kind} ${Buffer.from(path).toString('latin1')}`;
