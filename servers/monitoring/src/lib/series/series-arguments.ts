import { z } from 'zod';

/** Which series, and how they are put together: the same for numbers and pictures. */
export const seriesArguments = {
  labels: z
    .record(z.string().regex(/^[a-z_][a-z0-9_]{0,40}$/i), z.string().max(300))
    .optional()
    .describe(
      'Label = value; ~ before the value: regular expression, !: not. E.g. {"mountpoint": "/", "device": "~vd.*"}',
    ),
  by: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,40}$/i)
    .optional()
    .describe('Adds up the series of each value of this label, e.g. project; "host" adds up each host'),
  aggregate: z
    .enum(['avg', 'min', 'max', 'last'])
    .default('avg')
    .describe('How the samples of a step become one value'),
};
