import { z } from 'zod';

export const ScheduleName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'letters, digits, dot, dash and underscore, at most 63, starting with a letter or digit',
  )
  .describe('Name of the schedule');
