export type Verdict = 'allowed' | 'blocked' | 'unknown';

/** What the host's own packet filter does with new connections from anywhere, as far as its rules are simple. */
export interface Firewall {
  kind: 'ufw' | 'nft' | 'none';
  /** What happens to what no rule names. */
  incoming: 'allow' | 'deny' | 'unknown';
  verdict(protocol: 'tcp' | 'udp', port: number): Verdict;
}

export const NO_FIREWALL: Firewall = { kind: 'none', incoming: 'unknown', verdict: () => 'unknown' };

interface Rule {
  allow: boolean;
  protocol?: string | undefined;
  from: number;
  to: number;
  anywhere: boolean;
}

/** `ufw status verbose` (ufw(8)); undefined when it says nothing or is not active. */
export function parseUfw(text: string): Firewall | undefined {
  if (!/^Status: active/m.test(text)) return undefined;
  const incoming =
    /^Default: (allow|deny|reject) \(incoming\)/m.exec(text)?.[1] === 'allow' ? 'allow' : 'deny';
  const rules = text.split('\n').flatMap((line): Rule[] => {
    const match =
      /^(\d[\d,:]*)(?:\/(tcp|udp))?(?: \([^)]*\))*\s+(ALLOW|LIMIT|DENY|REJECT)(?: IN)?\s+(.+)$/.exec(line);
    if (!match) return [];
    const [, ports = '', protocol, action = '', source = ''] = match;
    const anywhere = /^Anywhere(?: \(v6\))?\s*$/.test(source);
    const allow = action === 'ALLOW' || action === 'LIMIT';
    return ports.split(',').map((range) => {
      const [from = '', to = from] = range.split(':');
      return { allow, protocol, from: Number(from), to: Number(to), anywhere };
    });
  });
  return { kind: 'ufw', incoming, verdict: byRules(rules, incoming) };
}

/** The first rule that names the port decides, as in ufw; one for some sources only leaves it open. */
function byRules(rules: readonly Rule[], otherwise: 'allow' | 'deny'): Firewall['verdict'] {
  return (protocol, port) => {
    const rule = rules.find(
      (one) => (!one.protocol || one.protocol === protocol) && port >= one.from && port <= one.to,
    );
    if (!rule) return otherwise === 'allow' ? 'allowed' : 'blocked';
    if (!rule.anywhere) return 'unknown';
    return rule.allow ? 'allowed' : 'blocked';
  };
}

/** `nft list ruleset` (nft(8)): chains at the input hook with policy drop, and their plain `dport … accept` rules. */
export function parseNft(text: string): Firewall | undefined {
  const chains = text
    .split(/^\s*chain /m)
    .slice(1)
    .filter((chain) => /type filter hook input/.test(chain));
  if (chains.length === 0) return undefined;
  if (!chains.some((chain) => /policy drop/.test(chain)))
    return { kind: 'nft', incoming: 'allow', verdict: () => 'unknown' };
  const rules = chains.flatMap((chain) => chain.split('\n').flatMap(nftRule));
  const named = byRules(rules, 'deny');
  const jumps = chains.some((chain) => /\b(?:jump|goto)\b/.test(chain));
  return {
    kind: 'nft',
    incoming: 'deny',
    verdict: (protocol, port) => {
      const verdict = named(protocol, port);
      return verdict === 'blocked' && jumps ? 'unknown' : verdict;
    },
  };
}

function nftRule(line: string): Rule[] {
  const match = /^\s*(.*?)(tcp|udp) dport (\{[^}]*\}|\S+)\s+(.*)$/.exec(line);
  if (!match || !/\b(accept|drop|reject)\b/.test(match[4] ?? '')) return [];
  const [, before = '', protocol, ports = '', after = ''] = match;
  const anywhere = !/saddr|iif/.test(before + after);
  return ports.split(/[{},\s]+/).flatMap((word): Rule[] => {
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word) ?? [];
    if (from === undefined) return [];
    return [{ allow: /\baccept\b/.test(after), protocol, from: Number(from), to: Number(to), anywhere }];
  });
}
