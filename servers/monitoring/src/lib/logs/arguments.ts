import { z } from 'zod';
import { LEVELS } from './level.ts';
import { SOURCES } from './query.ts';

/** Arguments that the tools on logs share. */
export const logArguments = {
  sources: z
    .array(z.enum(SOURCES))
    .min(1)
    .default([...SOURCES])
    .describe('Where to look; default everywhere'),
  files: z
    .array(
      z
        .string()
        .regex(/^\/[^\n\r]*$/, 'an absolute path')
        .max(1000),
    )
    .max(50)
    .default([])
    .describe('Further files, absolute paths in which * and ? are wildcards, e.g. /srv/app/log/*.log'),
  unit: z
    .string()
    .regex(/^[A-Za-z0-9:_.@\\-]+$/, 'a unit name')
    .max(255)
    .optional()
    .describe('Journal: only this systemd unit'),
  container: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a container name or id')
    .max(255)
    .optional()
    .describe('Docker: only this container'),
};

export const logLevel = z.enum(LEVELS).describe('Only lines of this level or worse');

/** Of tools that can go on reading as a run. */
export const followArguments = {
  follow: z.boolean().default(false).describe('Keep reading, as a run'),
  followSeconds: z.number().int().min(1).max(86_400).default(300).describe('How long to follow, in seconds'),
};
