import { defineService } from '@flotilla/core';
import { digestStore } from './digest-store.ts';

export const logDigests = defineService({ name: 'log-digests', open: ({ state }) => digestStore(state) });
