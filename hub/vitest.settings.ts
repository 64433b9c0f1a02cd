const conditions = ['@flotilla/source', 'node', 'import', 'default'];

/** These send signals to their own process: it is theirs alone. */
export const SIGNALLED = ['interrupt', 'pipeline', 'serve-here'].map((name) => `test/cli/${name}.test.ts`);

/** What every project of the hub's tests has in common. */
export const settings = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Line editing depends on it, also in prompts that a test types into.
    env: { TERM: 'xterm-256color' },
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
};
