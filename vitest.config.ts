import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The tests wait for hosts and processes far more than they compute.
    maxWorkers: 5,
    projects: ['packages/*', 'servers/*', 'hub', 'test'],
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      exclude: ['packages/testkit/**'],
    },
  },
});
