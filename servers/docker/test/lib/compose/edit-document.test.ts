import { expect, test } from 'vitest';
import { editDocument, keyPath } from '../../../src/lib/compose/edit-document.ts';

const FILE = `# The shop. Keep this line.
x-env: &env
  MODE: fast

services:

  web:            # answers the customers
    image: "nginx:1.25"   # pinned
    environment:
      - A=1
      - B=2   # second
    ports: ["80:80"]

  api:
    image: 'api:3'
    environment:
      <<: *env
      PORT: 8080
    command: >
      run
      this
`;

const set = (path: string | (string | number)[], value: unknown) => ({
  set: [{ path: keyPath(path), value }],
  remove: [],
});
const remove = (...paths: string[]) => ({ set: [], remove: paths.map(keyPath) });

test('a value is replaced in place: quotes, comments and blank lines stay', () => {
  const { text, reformatted } = editDocument(FILE, set('services.web.image', 'nginx:1.27'));
  expect(text).toBe(FILE.replace('"nginx:1.25"', '"nginx:1.27"'));
  expect(reformatted).toBe(false);
  expect(editDocument(FILE, set('services.api.image', "it's:4")).text).toBe(
    FILE.replace("'api:3'", "'it''s:4'"),
  );
});

test('several values at once, whatever their order', () => {
  const edits = {
    set: [
      { path: keyPath('services.api.image'), value: 'api:4' },
      { path: keyPath('services.web.image'), value: 'n' },
    ],
    remove: [],
  };
  expect(editDocument(FILE, edits).text).toBe(
    FILE.replace("'api:3'", "'api:4'").replace('"nginx:1.25"', '"n"'),
  );
});

test('a value that could be read as another type is quoted', () => {
  const { text } = editDocument('services:\n  web:\n    image: a\n', set('services.web.image', 'yes: no #x'));
  expect(text).toBe('services:\n  web:\n    image: "yes: no #x"\n');
  expect(editDocument('a: b\n', set('a', '1')).text).toBe('a: "1"\n');
  expect(editDocument('a: b\n', set('a', 1)).text).toBe('a: 1\n');
});

test('new keys, removed keys and entries of lists keep the comments of the others', () => {
  const added = editDocument(FILE, set('services.api.deploy.resources.limits.memory', '256m')).text;
  expect(added).toContain('    deploy:\n      resources:\n        limits:\n          memory: 256m\n');
  for (const comment of ['# The shop. Keep this line.', '# answers the customers', '# pinned', '# second'])
    expect(added).toContain(comment);
  const entry = editDocument(FILE, set('services.web.environment.B', '3')).text;
  expect(entry).toContain('- B=3');
  expect(entry).toContain('- A=1');
  expect(editDocument(FILE, set('services.web.environment.C', 'x')).text).toMatch(/- B=2.*\n {6}- C=x\n/);
  const gone = editDocument(FILE, remove('services.web.environment.A', 'services.api')).text;
  expect(gone).not.toContain('A=1');
  expect(gone).not.toContain('api');
  expect(gone).toContain('# pinned');
});

test('line ends of Windows and indentations of four stay', () => {
  const windows = 'services:\r\n    web:\r\n        image: a # one\r\n';
  expect(editDocument(windows, set('services.web.image', 'b')).text).toBe(
    windows.replace('image: a', 'image: b'),
  );
  expect(editDocument(windows, set('services.web.user', '1')).text).toBe(`${windows}        user: "1"\r\n`);
});

test('what cannot be edited is refused in words', () => {
  const code = (edits: Parameters<typeof editDocument>[1], text = FILE): unknown => {
    try {
      return editDocument(text, edits);
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  expect(code(remove('services.nosuch'))).toBe('NOT_FOUND');
  expect(code(set('services.web.image.tag', 'x'))).toBe('INVALID_INPUT');
  expect(code(set('a', 1), 'a: [1\n')).toBe('INVALID_INPUT');
  expect(code(set('a', 1), 'a: 1\n---\nb: 2\n')).toBe('INVALID_INPUT');
  expect(code(set('a', 1), `a: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n`)).toBe('INVALID_INPUT');
  expect(code(set('a', 1), `a: ${'x'.repeat(1_100_000)}\n`)).toBe('INVALID_INPUT');
});
