import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent } from 'undici';
import type { AddressPolicy } from '../probe/address-policy.ts';
import type { HttpRequest } from './http-request.ts';
import type { Mail } from './mail.ts';
import type { MailTarget } from './target.ts';

/** What became of an attempt. `retryAfterMs`: the receiver named a pause. */
export type Delivery =
  | { ok: true; detail: string }
  | { ok: false; retry: boolean; detail: string; retryAfterMs?: number | undefined };

export interface Transport {
  http(request: HttpRequest): Promise<Delivery>;
  mail(target: MailTarget, mail: Mail): Promise<Delivery>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER = 16_384;

/** Names are looked up once; one with an address that the policy forbids is refused whole. */
function guardedLookup(allowed: AddressPolicy): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error || !first) return callback(error ?? refusal(), '', 4);
      if (!found.every(({ address }) => allowed(address))) return callback(refusal(), '', 4);
      return options.all ? callback(null, found) : callback(null, first.address, first.family);
    });
  };
}

const refusal = (): Error => Object.assign(new Error('refused'), { code: REFUSED });
const REFUSED = 'the address is not one that the hub may reach, see servers-monitoring hubMayReach';

/** Sends for real. No redirect is followed, no proxy asked, and answers are read up to 16 KiB. */
export function createTransportLayer(allowed: AddressPolicy): Transport {
  const lookUp = guardedLookup(allowed);
  let agent: Agent | undefined;
  const opened = async () => {
    // Loaded with the first message: most processes never send one.
    const { default: undici } = await import('undici');
    agent ??= new undici.Agent({
      connect: { timeout: TIMEOUT_MS, lookup: lookUp },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    return { request: undici.request, dispatcher: agent };
  };
  return {
    async http({ method, url, headers, body }) {
      const { hostname } = new URL(url);
      const literal = hostname.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && !allowed(literal)) return { ok: false, retry: false, detail: REFUSED };
      try {
        const { request, dispatcher } = await opened();
        const answer = await request(url, {
          method,
          headers,
          body,
          dispatcher,
          signal: AbortSignal.timeout(2 * TIMEOUT_MS),
        });
        await answer.body.dump({ limit: MAX_ANSWER });
        return judged(answer.statusCode, answer.headers['retry-after']);
      } catch (error) {
        return { ok: false, retry: true, detail: reasonOf(error) };
      }
    },
    async mail(target, { headers, ...mail }) {
      const address = await addressOf(target.host, lookUp).catch(reasonOf);
      if (typeof address === 'string') return { ok: false, retry: address !== REFUSED, detail: address };
      const { createTransport } = await import('nodemailer');
      const sender = createTransport({
        host: address.address,
        tls: { servername: target.host },
        port: target.port,
        secure: target.tls === 'implicit',
        requireTLS: target.tls === 'starttls',
        ...(target.login && { auth: { user: target.login.user, pass: target.login.password } }),
        connectionTimeout: TIMEOUT_MS,
        greetingTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        const { accepted } = await sender.sendMail({ ...mail, headers });
        return { ok: true, detail: `accepted for ${accepted.length} of ${mail.to.length}` };
      } catch (error) {
        const code = (error as { responseCode?: number }).responseCode;
        return { ok: false, retry: code === undefined || code < 500, detail: reasonOf(error) };
      } finally {
        sender.close();
      }
    },
    close: async () => agent?.close(),
  };
}

/** The mail library looks names up by itself: it is given an address. */
function addressOf(host: string, lookUp: LookupFunction): Promise<{ address: string }> {
  return new Promise((resolve, reject) => {
    lookUp(host, { all: false }, (error, address) => {
      if (error) reject(error);
      else resolve({ address: String(address) });
    });
  });
}

function judged(status: number, retryAfter: string | string[] | undefined): Delivery {
  const detail = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { ok: true, detail };
  const seconds = Number(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
  const retry = status >= 500 || status === 429 || status === 408;
  return { ok: false, retry, detail, ...(seconds > 0 && { retryAfterMs: Math.min(seconds, 3_600) * 1000 }) };
}

/** The code of a failure, never its text: that may repeat a URL with its secrets. */
function reasonOf(error: unknown): string {
  const { code, name, responseCode } = error as { code?: unknown; name?: unknown; responseCode?: unknown };
  const words = [code ?? name ?? 'failed', responseCode && `SMTP ${responseCode}`].filter(Boolean);
  return words
    .map((word) =>
      String(word)
        .replace(/[^\w ,-]/g, '')
        .slice(0, 100),
    )
    .join(' ');
}
