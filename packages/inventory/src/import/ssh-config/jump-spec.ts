/** One bastion of a ProxyJump: `[user@]host[:port]`. */
export interface Hop {
  host: string;
  user?: string;
  port?: number;
}

/** The bastions in the order they are passed; undefined when it cannot be understood. */
export function parseProxyJump(value: string): Hop[] | undefined {
  const hops = value.split(',').map((part) => parseHop(part.trim()));
  return hops.every((hop) => hop !== undefined) ? hops : undefined;
}

function parseHop(text: string): Hop | undefined {
  const bare = text.replace(/^ssh:\/\//i, '').replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const user = at === -1 ? undefined : bare.slice(0, at);
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:[\]]+|[^[\]]*:[^[\]]*:[^[\]]*))(?::(\d{1,5}))?$/.exec(bare.slice(at + 1)) ?? [];
  const host = bracketed ?? plain;
  if (!host || user === '' || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)))
    return undefined;
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) };
}

/** `ssh -W %h:%p bastion`, the way of writing a ProxyJump before there was one. */
export function jumpOfProxyCommand(command: string): string | undefined {
  const words = command
    .trim()
    .replace(/^exec\s+/, '')
    .split(/\s+/);
  if (!/^(?:\S*\/)?ssh$/.test(words[0] ?? '')) return undefined;
  const rest = words.slice(1).filter((word) => !/^-[qTx]+$/.test(word));
  const at = rest.indexOf('-W');
  if (at === -1 || !/^\[?%h\]?:%p$/.test(rest[at + 1] ?? '')) return undefined;
  const others = rest.filter((_, index) => index !== at && index !== at + 1);
  return others.length === 1 && !others[0]?.startsWith('-') ? others[0] : undefined;
}
