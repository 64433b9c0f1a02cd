import { defineProject } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

export default defineProject({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'test',
    include: ['**/*.test.ts'],
    exclude: ['faults/**', 'node_modules/**', 'fresh/**', 'stack/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
