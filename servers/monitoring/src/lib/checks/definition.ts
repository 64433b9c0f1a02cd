import { isIP } from 'node:net';
import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';

export const KINDS = ['http', 'api', 'tcp', 'tls', 'dns', 'ping', 'command'] as const;

export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT'] as const;

export const CheckName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, dash and underscore, at most 63')
  .describe('Name of the check');

/** What is checked, from where, how often. */
export const CheckDefinition = z.object({
  name: z.string(),
  kind: z.enum(KINDS),
  /** URL, API name, host:port, name, or command. */
  target: z.string(),
  /** `hub`, aliases and target words. */
  from: z.array(z.string()),
  intervalSeconds: z.number(),
  timeoutMs: z.number(),
  retries: z.number().int(),
  /** Vantage points that must see it down; default more than half of those that answered. */
  quorum: z.number().int().optional(),
  method: z.enum(['GET', 'POST']).optional(),
  expected_status: z.number().int().optional(),
  expected_body: z.string().optional(),
  warnDays: z.number().int().optional(),
  recordType: z.enum(RECORD_TYPES).optional(),
  expectedRecord: z.string().optional(),
  resolver: z.string().optional(),
  notes: z.string().optional(),
});
export type CheckDefinition = z.infer<typeof CheckDefinition>;

/** `host:port`, `[::1]:443`, or a host alone where there is a usual port. INVALID_INPUT otherwise. */
export function parseHostPort(target: string, usualPort?: number): { host: string; port: number } {
  const [, bracketed, plain, portText] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/@]+))(?::(\d{1,5}))?$/.exec(target) ?? [];
  const host = checkedHost(bracketed ?? plain ?? '');
  const port = portText === undefined ? usualPort : Number(portText);
  if (port !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new FlotillaError('INVALID_INPUT', 'target is not host:port.', {
    hint: 'Example: db.example.com:5432',
  });
}

/** A host name or address that no program can take for an option. INVALID_INPUT otherwise. */
export function checkedHost(text: string): string {
  if (/^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})$|^[0-9A-Fa-f:.]{2,45}$/.test(text)) return text;
  throw new FlotillaError('INVALID_INPUT', 'target is not a host name or address.', {
    hint: 'Examples: example.com, 203.0.113.7',
  });
}

/** `203.0.113.53`, `203.0.113.53:5353` or `[2001:db8::1]:53`: only addresses, so that what is asked is what was named. */
export function parseResolver(text: string): { address: string; port: number } {
  if (isIP(text) !== 0) return { address: text, port: 53 };
  const [, bracketed, plain = bracketed ?? '', portText] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(portText);
  if (isIP(plain) !== 0 && port >= 1 && port <= 65_535) return { address: plain, port };
  throw new FlotillaError('INVALID_INPUT', 'resolver is not an IP address, with or without port.', {
    hint: 'Examples: 9.9.9.9, 127.0.0.1:5353, [2620:fe::fe]:53',
  });
}
