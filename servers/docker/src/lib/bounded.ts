import { z } from 'zod';

const MAX = Number.MAX_SAFE_INTEGER;

/** A whole number as a host says it: whatever it says stays within what can be counted exactly. */
export const bounded = z.number().transform((value) => Math.trunc(Math.min(MAX, Math.max(-MAX, value))));
