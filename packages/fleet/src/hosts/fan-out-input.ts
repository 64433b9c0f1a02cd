import { z } from 'zod';

/** Arguments of every tool that works on several hosts. */
export const fanOutInput = {
  maxParallel: z.number().int().min(1).max(200).default(20).describe('Hosts at once, 1–200'),
  stopAfterFailures: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Start no further host after this many failures; default: go on'),
};
