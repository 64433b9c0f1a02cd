import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Principal } from './principal.ts';

/** Environment variable by which a hub gives a child that it starts their common secret. */
export const HUB_SECRET_ENV = 'FLOTILLA_HUB_SECRET';
/** Key in a request's `_meta` that carries the signed call. */
export const HUB_CALL_META = 'dev.flotilla/call';

/** What a hub says of a call that it has admitted and audited. */
export interface HubCall {
  principal: Principal;
  runId?: string;
  /** UTC epoch milliseconds; later the call is refused. */
  deadline?: number;
  /** To a worker of this hub: what it may fetch the hosts of this call with. */
  lease?: string;
}

const mac = (payload: string, secret: string) =>
  createHmac('sha256', secret).update(`flotilla-hub-call-v1.${payload}`).digest();

/** `base64url(JSON).base64url(HMAC-SHA256)`. */
export function signHubCall(call: HubCall, secret: string): string {
  const payload = Buffer.from(JSON.stringify(call)).toString('base64url');
  return `${payload}.${mac(payload, secret).toString('base64url')}`;
}

/** The call when its signature and deadline hold; undefined for anything else. */
export function verifyHubCall(signed: unknown, secret: string, now = Date.now()): HubCall | undefined {
  if (typeof signed !== 'string' || secret === '') return undefined;
  const [payload, signature, ...rest] = signed.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const expected = mac(payload, secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const call = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as HubCall;
  return call.deadline !== undefined && call.deadline < now ? undefined : call;
}
