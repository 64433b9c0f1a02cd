import { defineConfig } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

/** The long suites: kills at random points, large transfers, whole systems. Two files at a time: they wait a lot. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      '{packages,servers}/*/test/faults/**/*.test.ts',
      'hub/test/faults/**/*.test.ts',
      'test/faults/**/*.test.ts',
    ],
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
