import { secret } from '@flotilla/core';
import { z } from 'zod';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, dash and underscore')
  .max(63);
const line = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\n\r\0]*$/, 'one line');

const Port = z.strictObject({
  target: z.number().int().min(1).max(65_535).describe('Port inside the container'),
  published: z.number().int().min(1).max(65_535).describe('Port of the host'),
  host: z
    .string()
    .regex(/^[0-9a-fA-F.:]{2,45}$/, 'an IP address')
    .default('127.0.0.1')
    .describe('Address of the host; default 127.0.0.1; 0.0.0.0 opens it to every network'),
  protocol: z.enum(['tcp', 'udp']).default('tcp').describe('Default tcp'),
});

const Volume = z.strictObject({
  source: line.describe('Name of a volume, or a path that starts with . / or ~'),
  target: line.describe('Absolute path inside the container'),
  readOnly: z.boolean().default(false).describe('Mount it read-only'),
});

const Service = z.strictObject({
  name: name.describe('Name of the service'),
  image: line.describe('Image with a tag or digest, e.g. redis:7.4'),
  command: z
    .array(z.string().max(4096))
    .max(100)
    .optional()
    .describe("Words of the command; default the image's"),
  user: line
    .default('65534:65534')
    .describe('UID:GID to run as; default 65534:65534; "image" keeps that of the image'),
  env: secret(
    z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name'), z.string().max(32_768))
      .optional()
      .describe('Environment; values whose name looks like a secret become variables of the .env file'),
  ),
  ports: z.array(Port).max(50).optional().describe('Published ports; none by default'),
  volumes: z.array(Volume).max(50).optional().describe('Volumes and folders'),
  networks: z.array(name).max(20).optional().describe('Networks to join; default the one of the project'),
  dependsOn: z.array(name).max(50).optional().describe('Services to start first'),
  healthcheck: z
    .array(z.string().max(4096))
    .min(2)
    .max(50)
    .optional()
    .describe('As in a compose file, e.g. ["CMD", "wget", "-qO-", "http://127.0.0.1:8080/"]'),
  memory: z
    .string()
    .regex(/^\d{1,9}[kmgKMG]?$/)
    .default('256m')
    .describe('Memory limit, e.g. 256m'),
  cpus: z.number().min(0.01).max(512).default(1).describe('CPU limit in cores'),
  pids: z.number().int().min(1).max(1_000_000).default(200).describe('Processes at most'),
  restart: z
    .enum(['no', 'always', 'unless-stopped', 'on-failure'])
    .default('unless-stopped')
    .describe('Restart policy'),
  readOnly: z.boolean().default(false).describe('Read-only root with a writable /tmp'),
  init: z.boolean().default(true).describe('An init process that reaps children'),
  dropCapabilities: z.boolean().default(true).describe('Drop all Linux capabilities'),
});

export const scaffoldShape = {
  project: name.describe('Name of the project'),
  services: z.array(Service).min(1).max(50).describe('The services'),
};
const Scaffold = z.strictObject(scaffoldShape);
export type ScaffoldInput = z.output<typeof Scaffold>;
export type ScaffoldService = z.output<typeof Service>;
