import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/*', 'servers/*', 'templates/*', 'hub', 'test'],
    coverage: {
      provider: 'v8',
      reporter: ['text-summary'],
      reportOnFailure: true,
      include: ['src/**'],
      exclude: ['packages/testkit/**'],
    },
  },
});
