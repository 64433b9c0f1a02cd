import { idempotencyKeyArgument, secret } from '@flotilla/core';
import { z } from 'zod';

/** A name or id of a container; dockerd itself allows no other characters. */
export const containerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/, 'a name or id: letters, digits, _ . -')
  .describe('Name or id of the container, as docker_list shows it');

/** An image by name and tag, digest or id (distribution reference grammar, without what a shell or URL could misread). */
export const imageName = z
  .string()
  .max(500)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.:/-]*(?:@sha256:[0-9a-f]{64})?$/,
    'an image reference, e.g. nginx:1.27 or registry.example.com/app:2',
  )
  .describe('Image: name:tag, name@sha256:… or an id; without a tag it means latest');

/** A name of a network or volume. */
export const objectName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/, 'letters, digits, _ . -, starting with a letter or digit');

export const labels = secret(
  z.record(z.string().min(1).max(500), z.string().max(10_000)).optional().describe('Labels: name → value'),
);

export const since = z
  .string()
  .regex(/^(?:\d{1,10}[smhd]|[0-9][0-9T:.+Z-]{3,40}|\d{9,10})$/, 'e.g. 15m, 2h, 3d or 2026-01-31T10:00:00Z');

export const timeoutSeconds = z
  .number()
  .min(1)
  .max(604_800)
  .optional()
  .describe('Seconds until it is ended; default 300');

/** Of reads that can go on as a run. */
export const followArguments = {
  follow: z.boolean().default(false).describe('Go on reading what is new, as a run'),
  timeout: z.number().min(1).max(86_400).default(300).describe('Seconds to follow; default 300'),
  idempotencyKey: idempotencyKeyArgument,
};

/** Of the logs of containers. */
export const logArguments = {
  since: since.optional().describe('Only lines after this time or of this age, e.g. 15m'),
  timestamps: z.boolean().default(false).describe('Put the time before each line'),
  search: z.string().min(1).max(500).optional().describe('Only lines that contain this text, case ignored'),
  ...followArguments,
};

/** Of changes with a health gate, beside the time limit of the change itself. */
export const healthTimeout = z
  .number()
  .min(1)
  .max(3_600)
  .default(120)
  .describe('Seconds to become healthy after that; default 120');

const UNIT: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `15m` or a time as epoch seconds. */
export function epochSeconds(text: string, now = Date.now()): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return Math.floor(now / 1000) - Number(amount) * (UNIT[unit ?? 's'] ?? 1);
  if (/^\d{9,10}$/.test(text)) return Number(text);
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? 0 : Math.floor(parsed / 1000);
}
