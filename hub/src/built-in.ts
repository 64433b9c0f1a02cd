import type { ServerDefinition } from '@flotilla/core';
import { docker } from '@flotilla/docker';
import { monitoring } from '@flotilla/monitoring';
import { pipelines } from '@flotilla/pipelines';
import { schedules } from '@flotilla/schedules';
import { sftp } from '@flotilla/sftp';
import { sshExec } from '@flotilla/ssh-exec';

/** The servers that come with Flotilla, by name. */
export const BUILT_IN: readonly ServerDefinition[] = [
  sshExec,
  sftp,
  docker,
  monitoring,
  schedules,
  pipelines,
];
