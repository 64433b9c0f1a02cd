import { defineProject } from 'vitest/config';

const conditions = ['@flotilla/source', 'node', 'import', 'default'];

const onOneEngine = [
  'changes-in-short',
  'compose-tools',
  'compose-up',
  'containers',
  'docker-prune',
  'exec-and-run',
  'image-update',
  'images',
  'networks-and-volumes',
  'problems',
].map((name) => `test/tools/${name}.test.ts`);

export default defineProject({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'docker',
    include: ['test/**/*.test.ts'],
    // Those of one engine are run by test/engine.test.ts; name a group with -t.
    exclude: ['test/faults/**', ...onOneEngine],
    isolate: false,
    testTimeout: 40_000,
    hookTimeout: 60_000,
  },
});
