import { defineProject } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

export default defineProject({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'ssh',
    include: ['test/**/*.test.ts'],
    exclude: ['test/faults/**'],
    testTimeout: 40_000,
    hookTimeout: 60_000,
    isolate: false,
  },
});
