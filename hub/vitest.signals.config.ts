import { defineProject } from 'vitest/config';
import { SIGNALLED, settings } from './vitest.settings.ts';

export default defineProject({
  ...settings,
  test: { ...settings.test, name: 'hub signals', include: SIGNALLED },
});
