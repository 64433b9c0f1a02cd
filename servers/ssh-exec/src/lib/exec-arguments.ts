import { z } from 'zod';

/** Arguments that all tools running a command share; the established names and units. */
export const timeoutSeconds = z
  .number()
  .min(0)
  .max(604_800)
  .optional()
  .describe('Seconds until the command is ended on the host; 0 = no limit; default 300');

export const accepted = {
  rappel: z.number().optional().describe('Accepted and ignored'),
  skip_policy: z
    .boolean()
    .optional()
    .describe('Accepted; the command policy can only be changed by a person'),
};

export const workingFolder = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe('Folder to run in; default the login folder');

export const environment = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name'), z.string().max(100_000))
  .optional()
  .describe('Environment variables to add; 100,000 characters each at most');

export const sudo = z.boolean().optional().describe('Run as root through sudo, as set for the host');

export const milliseconds = (seconds: number | undefined, fallbackMs: number): number =>
  seconds === undefined ? fallbackMs : Math.round(seconds * 1000);
