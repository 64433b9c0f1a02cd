import { defineProject } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

export default defineProject({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'hub',
    include: ['test/**/*.test.ts'],
    exclude: ['test/faults/**'],
    // Line editing depends on it, also in prompts that a test types into.
    env: { TERM: 'xterm-256color' },
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
