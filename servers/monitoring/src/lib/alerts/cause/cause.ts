import { z } from 'zod';

const Process = z.object({
  pid: z.number().int(),
  user: z.string(),
  cpuPercent: z.number(),
  memoryPercent: z.number(),
  command: z.string(),
});
const GrowingFile = z.object({
  path: z.string(),
  mountpoint: z.string().optional(),
  sizeBytes: z.number(),
  changedSecondsAgo: z.number(),
  container: z.string().optional().describe('The container whose log or layer it is'),
});
const Folder = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  grownBytes: z.number().optional().describe('Since it was measured before'),
});
const Container = z.object({
  name: z.string(),
  state: z.string(),
  restarts: z.number().int(),
  exitCode: z.number().int().optional(),
  oomKilled: z.boolean().optional(),
  lastLines: z.array(z.string()).optional(),
});
const Change = z.object({
  at: z.string(),
  tool: z.string(),
  by: z.string(),
  result: z.string(),
  runId: z.string().optional(),
});

/** What an alert came from, as one look at the host when it fired told it. Texts are the host's. */
export const Cause = z.object({
  at: z.string(),
  finding: z.string().describe('The likely cause in one sentence'),
  culprit: z.string().optional().describe('Container, unit, process or file that is most likely to blame'),
  processes: z.array(Process).optional(),
  failedUnits: z.array(z.string()).optional(),
  errorLines: z.array(z.string()).optional(),
  unitLines: z.array(z.string()).optional().describe('Last log lines of the unit that the alert is about'),
  growing: z.array(GrowingFile).optional().describe('Biggest files that changed within two hours'),
  folders: z.array(Folder).optional(),
  containers: z.array(Container).optional().describe('Those that restart, failed or are unhealthy'),
  changes: z
    .array(Change)
    .optional()
    .describe('What was done on this host through Flotilla in the hour before'),
  notes: z.array(z.string()).optional(),
});
export type Cause = z.infer<typeof Cause>;
export type CauseContainer = z.infer<typeof Container>;
export type CauseFile = z.infer<typeof GrowingFile>;
export type CauseProcess = z.infer<typeof Process>;
export type CauseChange = z.infer<typeof Change>;
