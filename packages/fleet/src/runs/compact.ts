import { z } from 'zod';

/** Whether the setting or the call decides, the published schema is the same. */
export const Compact = z
  .boolean()
  .optional()
  .describe(
    'true: short rows; false: everything, also who started a run and which server holds its tool. Default: the setting MCP_COMPACT, true',
  );
