import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import { hostWord } from '../host/words.ts';
import { ProbeFailure } from './failure.ts';

export const Certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.string(),
  validTo: z.string(),
  daysLeft: z.number().int(),
  names: z.array(z.string()),
});
export type Certificate = z.infer<typeof Certificate>;

const DAY_MS = 86_400_000;

/** TLS over any byte stream. With `verify: false` it only looks: nothing must be sent over what it returns. */
export function tlsOver(
  stream: Duplex,
  { host, verify, signal }: { host: string; verify: boolean; signal: AbortSignal },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket: stream,
      ...(isIP(host) === 0 && { servername: host }),
      host,
      rejectUnauthorized: verify,
      ALPNProtocols: ['http/1.1'],
    });
    const stop = (): void => {
      secure.destroy(new ProbeFailure('timeout', 'no answer in time'));
    };
    const settled = (): void => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop, { once: true });
    secure.once('secureConnect', () => {
      settled();
      secure.removeListener('error', reject);
      resolve(secure);
    });
    secure.once('error', (error) => {
      settled();
      reject(error);
    });
    secure.once('close', () => {
      settled();
      reject(new ProbeFailure('closed', 'the connection was closed during the TLS handshake'));
    });
  });
}

/** The certificate that was shown; its texts are those of the other side. */
export function certificateOf(socket: TLSSocket, now: number): Certificate | undefined {
  const shown = socket.getPeerCertificate();
  if (!shown.valid_to) return undefined;
  const validTo = Date.parse(shown.valid_to);
  return {
    subject: nameOf(shown.subject),
    issuer: nameOf(shown.issuer),
    validFrom: new Date(Date.parse(shown.valid_from) || 0).toISOString(),
    validTo: new Date(validTo || 0).toISOString(),
    daysLeft: Math.floor((validTo - now) / DAY_MS),
    names: (shown.subjectaltname ?? '')
      .split(', ')
      .slice(0, 50)
      .map((name) => hostWord(name.replace(/^(?:DNS|IP Address):/, ''), 255)),
  };
}

const nameOf = (name: PeerCertificate['subject'] | undefined): string =>
  hostWord([name?.CN, name?.O].flat().filter(Boolean).join(', ') || '?', 200);
