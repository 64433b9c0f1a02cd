import { z } from 'zod';

/** `servers.docker` of the config. */
export const dockerConfig = z.object({
  sockets: z
    .record(z.string(), z.string().regex(/^\/[^\0\n]{1,106}$/, 'an absolute path of a unix socket'))
    .default({})
    .describe('Host alias → path of its engine socket, where it is not at one of the usual places'),
});
