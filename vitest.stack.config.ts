import { defineConfig } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

/** The whole stack in containers: docker compose up, and a client outside. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['test/stack/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 1_200_000 },
});
