import { defineConfig } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

/** What a stranger does: a clean clone, an empty HOME, the commands of the README. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['test/fresh/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 900_000 },
});
