import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'servers/*', 'hub', 'test'],
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      exclude: ['packages/testkit/**'],
    },
  },
});
