import { type Limiter, limiter } from './limiter.ts';

/** Keeps the number of unauthenticated connections at one sshd under its MaxStartups. */
export interface HandshakeGate {
  run<T>(server: string, task: () => Promise<T>): Promise<T>;
}

export function handshakeGate(perServer: number): HandshakeGate {
  const servers = new Map<string, { limiter: Limiter; users: number }>();
  return {
    async run(server, task) {
      const entry = servers.get(server) ?? { limiter: limiter(perServer), users: 0 };
      servers.set(server, entry);
      entry.users++;
      try {
        return await entry.limiter.run(task);
      } finally {
        if (--entry.users === 0) servers.delete(server);
      }
    },
  };
}

/** Names the sshd behind an address: every 127.x.x.x address is this machine. */
export function serverKey(host: string, port: number, via?: string): string {
  const machine =
    /^127\.\d+\.\d+\.\d+$/.test(host) || host === 'localhost' || host === '::1' ? 'loopback' : host;
  return `${via ?? ''}/${machine}:${port}`;
}
