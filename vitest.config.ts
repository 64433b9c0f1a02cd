import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'servers/*', 'templates/*', 'hub', 'hub/vitest.signals.config.ts', 'test'],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      // Matched against paths of each project: a pattern from the root finds nothing.
      include: ['**/src/**/*.ts'],
      exclude: ['**/testkit/**', '**/templates/**'],
    },
  },
});
