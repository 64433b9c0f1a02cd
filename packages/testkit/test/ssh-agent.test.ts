import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeKey, startAgent, tempDir } from '../src/index.ts';

test('an agent holds the keys it was given, on its own socket, and leaves nothing behind', async () => {
  const folder = tempDir();
  const keys = (['ed25519', 'rsa'] as const).map((type) => makeKey({ folder: folder.path, type }));
  const agent = await startAgent(keys.map((key) => key.path));
  const listed = execFileSync('ssh-add', ['-l'], {
    encoding: 'utf8',
    env: { ...process.env, SSH_AUTH_SOCK: agent.socket },
  });
  for (const key of keys) expect(listed).toContain(key.fingerprint);
  await agent.stop();
  expect(existsSync(agent.socket)).toBe(false);
  folder.remove();
});
