import { HostAlias } from '@flotilla/core';
import { z } from 'zod';

export const projectName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,254}$/, 'lower-case letters, digits, dash and underscore');

export const serviceName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}$/, 'letters, digits, dot, dash and underscore');

const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes('\0'), 'no NUL character');

/** Which project of a host a call is about: `path` where its file is, or `project` for one that has containers. */
export const whichProject = {
  path: path
    .optional()
    .describe(
      'Folder of the project or its compose file on the host, absolute or ~/…; needed unless the project has containers',
    ),
  project: projectName
    .optional()
    .describe(
      'Name of the project; default that of the file; alone, it finds the folder by the labels of its containers',
    ),
  profiles: z.array(serviceName).max(50).optional().describe('Profiles to turn on'),
};

export const projectArguments = { alias: HostAlias, ...whichProject };

export const services = z
  .array(serviceName)
  .min(1)
  .max(500)
  .optional()
  .describe('Only these services; default all');

export const dryRun = z.boolean().default(false).describe('Only answer with the plan; nothing is changed');

export interface ProjectInput {
  alias: string;
  path?: string | undefined;
  project?: string | undefined;
  profiles?: readonly string[] | undefined;
}

/** For summaries of runs. */
export const projectText = ({ alias, project, path: at }: ProjectInput): string =>
  `${alias}: ${project ?? at ?? ''}`;
