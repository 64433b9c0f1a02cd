import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

export interface Pair {
  key: string;
  cert: string;
}

/** A certificate authority of the test's own, trusted by this process until `forget`. */
export interface Authority {
  issue(names: string, valid?: { from: string; to: string }): Pair;
  selfSigned(): Pair;
  forget(): void;
}

/** Dates as openssl-ca(1) wants them: YYYYMMDDHHMMSSZ. */
export const opensslDate = (ms: number): string =>
  `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;

export function startAuthority(folder: string): Authority {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  let count = 0;
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Test CA',
  );
  writeFileSync(at('index.txt'), '');
  writeFileSync(
    at('ca.cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index.txt')}\nnew_certs_dir=${folder}\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n`,
  );
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, readFileSync(at('ca.pem'), 'utf8')]);
  const pair = (name: string): Pair => ({
    key: readFileSync(at(`${name}.key`), 'utf8'),
    cert: readFileSync(at(`${name}.pem`), 'utf8'),
  });
  return {
    issue(names, valid) {
      const name = `leaf${count++}`;
      const day = 86_400_000;
      const { from, to } = valid ?? {
        from: opensslDate(Date.now() - day),
        to: opensslDate(Date.now() + 60 * day),
      };
      openssl(
        'req',
        '-new',
        ...newKey,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        '/CN=leaf',
        '-addext',
        `subjectAltName=${names}`,
      );
      openssl(
        'ca',
        '-batch',
        '-notext',
        '-config',
        'ca.cnf',
        '-cert',
        'ca.pem',
        '-keyfile',
        'ca.key',
        '-in',
        `${name}.csr`,
        '-out',
        `${name}.pem`,
        '-startdate',
        from,
        '-enddate',
        to,
      );
      return pair(name);
    },
    selfSigned() {
      const name = `self${count++}`;
      openssl(
        'req',
        '-x509',
        ...newKey,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.pem`,
        '-days',
        '30',
        '-subj',
        '/CN=self',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      );
      return pair(name);
    },
    forget: () => setDefaultCACertificates(before),
  };
}
