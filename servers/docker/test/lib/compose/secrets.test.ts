import { expect, test } from 'vitest';
import { hideInYaml } from '../../../src/lib/compose/hide-in-yaml.ts';
import { hideInText, hideInValue, isSecretName } from '../../../src/lib/compose/secret-values.ts';

test('names that tell a secret', () => {
  for (const name of [
    'DB_PASSWORD',
    'password',
    'API_KEY',
    'apikey',
    'STRIPE_SECRET',
    'GITHUB_TOKEN',
    'JWT_SIGNING',
    'SENTRY_DSN',
    'X-Auth',
  ])
    expect(isSecretName(name), name).toBe(true);
  for (const name of ['MODE', 'POSTGRES_PASSWORD_FILE', 'TOKEN_PATH', 'KEYBOARD', 'image', 'AUTHOR'])
    expect(isSecretName(name), name).toBe(false);
});

test('values are hidden wherever they stand, and nothing else', () => {
  expect(hideInText('run --password s3cret --mode fast')).toBe('run --password [hidden] --mode fast');
  expect(hideInText('PGPASSWORD=s3cret psql -h db')).toBe('PGPASSWORD=[hidden] psql -h db');
  expect(hideInText('postgres://app:s3cret@db:5432/x')).toBe('postgres://app:[hidden]@db:5432/x');
  expect(hideInText('{"token": "abc", "n": 1}')).toBe('{"token": [hidden], "n": 1}');
  expect(hideInText('the password is wrong')).toBe('the password is wrong');
  expect(
    hideInValue({
      environment: { DB_PASSWORD: 'x', PORT: 1 },
      secrets: { db_password: { file: './x' } },
      list: ['TOKEN=y'],
    }),
  ).toEqual({
    environment: { DB_PASSWORD: '[hidden]', PORT: 1 },
    secrets: { db_password: { file: './x' } },
    list: ['TOKEN=[hidden]'],
  });
});

test('a diff of a compose file shows no secret, but that it changed', () => {
  const diff = `@@ -1 +1 @@
 services:
-      DB_PASSWORD: "old one"
+      DB_PASSWORD: new
+      API_KEY: \${API_KEY}
+      - TOKEN=abc
+      image: app:1 # token
+      'SECRET': x`;
  expect(hideInYaml(diff).split('\n')).toEqual([
    '@@ -1 +1 @@',
    ' services:',
    '-      DB_PASSWORD: [hidden]',
    '+      DB_PASSWORD: [hidden]',
    `+      API_KEY: \${API_KEY}`,
    '+      - TOKEN=[hidden]',
    '+      image: app:1 # token',
    "+      'SECRET': [hidden]",
  ]);
});

test('text made to be slow is not', () => {
  for (const piece of ['pass', '--pass', ' pass', 'a://b:', 'token ', '"key": ', "- 'x' = "]) {
    const long = piece.repeat(Math.ceil(300_000 / piece.length));
    expect(hideInText(long).length).toBeGreaterThan(1_000);
    expect(hideInYaml(long).length).toBeGreaterThan(1_000);
  }
});
