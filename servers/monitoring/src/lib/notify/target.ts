/** Where notices go. Everything in it may be secret. */
export type Target =
  | MailTarget
  | { kind: 'slack'; tokens: string; channel?: string | undefined; secrets: string[] }
  | { kind: 'discord'; id: string; token: string; secrets: string[] }
  | { kind: 'telegram'; token: string; chat: string; secrets: string[] }
  | { kind: 'ntfy'; url: string; topic: string; login?: Login | undefined; secrets: string[] }
  | { kind: 'gotify'; url: string; token: string; secrets: string[] }
  | { kind: 'webhook'; url: string; login?: Login | undefined; secrets: string[] }
  | { kind: 'alertmanager'; url: string; login?: Login | undefined; secrets: string[] }
  | { kind: 'healthchecks'; url: string; secrets: string[] };

export interface MailTarget {
  kind: 'mail';
  host: string;
  port: number;
  /** `implicit`: TLS from the start; `starttls`: required; `opportunistic`: when the server offers it. */
  tls: 'implicit' | 'starttls' | 'opportunistic';
  login?: Login | undefined;
  from: string;
  to: string[];
  secrets: string[];
}

export interface Login {
  user: string;
  password: string;
}

export type TargetKind = Target['kind'];

/** What may be shown of a target. */
export function shownTarget(target: Target): string {
  switch (target.kind) {
    case 'mail':
      return `${target.to.join(', ')} by ${target.host}:${target.port}`;
    case 'slack':
      return target.channel ?? 'incoming webhook';
    case 'discord':
      return 'webhook';
    case 'telegram':
      return `chat ${target.chat}`;
    case 'ntfy':
      return `a topic at ${hostOf(target.url)}`;
    default:
      return hostOf(target.url);
  }
}

const hostOf = (url: string): string => new URL(url).host;
