import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoProgram } from './apt-package.ts';
import { startDaemon } from './child-daemon.ts';
import { freePort } from './free-port.ts';
import { tempDir } from './temp-dir.ts';

/** A private image registry (distribution) on loopback, without TLS and login: engines allow that for 127.0.0.0/8. */
export interface TestRegistry {
  /** `127.0.0.1:PORT`, the first part of an image reference. */
  address: string;
  port: number;
  log(): string;
  stop(): Promise<void>;
}

/** Why no registry can be started here; undefined when it can. */
export const whyNoRegistry = (): string | undefined => whyNoProgram('docker-registry', 'docker-registry');

export async function startRegistry(
  options: {
    port?: number /** A line of an htpasswd file (bcrypt): a login is needed. */;
    login?: string;
  } = {},
): Promise<TestRegistry> {
  const reason = whyNoRegistry();
  if (reason) throw new Error(reason);
  const folder = tempDir('flotilla-registry-');
  const port = options.port ?? (await freePort());
  const config = join(folder.path, 'config.yml');
  const lines = [
    'version: 0.1',
    'log: { level: warn }',
    `storage: { filesystem: { rootdirectory: ${join(folder.path, 'data')} }, delete: { enabled: true } }`,
    `http: { addr: 127.0.0.1:${port}, secret: test }`,
  ];
  if (options.login !== undefined) {
    writeFileSync(join(folder.path, 'htpasswd'), `${options.login}\n`);
    lines.push(`auth: { htpasswd: { realm: test, path: ${join(folder.path, 'htpasswd')} } }`);
  }
  writeFileSync(config, `${lines.join('\n')}\n`);
  const address = `127.0.0.1:${port}`;
  const daemon = await startDaemon({
    command: ['docker-registry', 'serve', config],
    logPath: join(folder.path, 'log'),
    ready: () =>
      fetch(`http://${address}/v2/`).then(
        ({ ok, status }) => ok || status === 401,
        () => false,
      ),
  });
  return {
    address,
    port,
    log: daemon.log,
    stop: async () => {
      await daemon.stop();
      folder.remove();
    },
  };
}
