/** A program as clients start it. */
export interface Start {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** How a client reaches the hub. */
export type Connection =
  | ({ transport: 'stdio' } & Start)
  | {
      transport: 'http';
      url: string;
      token: string;
      /** Carries stdio to the URL, for clients that only start programs. */
      bridge: Start;
    };

/** `command`, `args` and, when there is something to say, `env`: the shape all clients share. */
export function startFields({ command, args, env }: Start): Record<string, unknown> {
  return { command, args, ...(Object.keys(env).length > 0 && { env }) };
}

export const authorization = (token: string): Record<string, string> => ({
  Authorization: `Bearer ${token}`,
});
