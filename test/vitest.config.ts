import { defineProject } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

export default defineProject({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'test',
    include: ['**/*.test.ts'],
    exclude: ['faults/**', 'node_modules/**', 'fresh/**'],
    // These tests wait for hosts and processes far more than they compute.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
