import { z } from 'zod';

export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export const PipelineName = z.string().regex(NAME, 'letters, digits, dot, dash and underscore, at most 63');
