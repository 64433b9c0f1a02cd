import { FlotillaError } from '@flotilla/core';

export interface Address {
  user?: string;
  host: string;
  port?: number;
}

/** `[user@]host[:port]`; an IPv6 address with a port stands in brackets. INVALID_INPUT. */
export function parseAddress(text: string): Address {
  const match =
    /^(?:(?<user>[^@\s]+)@)?(?:\[(?<v6>[^\]\s]+)\]|(?<name>[^@:\s]+)|(?<bare>[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*:[^@\s]*))(?::(?<port>\d{1,5}))?$/.exec(
      text,
    );
  const { user, v6, name, bare, port } = match?.groups ?? {};
  const host = v6 ?? name ?? bare;
  const number = port === undefined ? undefined : Number(port);
  if (host === undefined || (number !== undefined && (number < 1 || number > 65_535)))
    throw new FlotillaError('INVALID_INPUT', `${JSON.stringify(text)} is no address.`, {
      hint: 'Write [user@]host[:port], e.g. deploy@203.0.113.7 or root@[2001:db8::7]:2222',
    });
  return { host, ...(user && { user }), ...(number !== undefined && { port: number }) };
}
