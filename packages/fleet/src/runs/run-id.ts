import { z } from 'zod';

export const RunId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,120}$/, 'an id as task_queue and task_history show it, e.g. run_01J…')
  .describe('Id of the run, as task_queue, task_history or the handle of a call show it');
