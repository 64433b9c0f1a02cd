import type { ServerDefinition } from '@flotilla/core';
import { BUILT_IN } from './built-in.ts';

/** Their work is to call tools of other servers, which only a hub can. */
const OF_THE_HUB = ['schedules', 'pipelines'];

/** Our servers that workers on other machines can be of. */
export const WORKABLE: readonly ServerDefinition[] = BUILT_IN.filter(
  ({ name }) => !OF_THE_HUB.includes(name),
);
