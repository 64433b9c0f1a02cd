import { importBusybox, startRegistry, type TestRegistry } from '@flotilla/testkit';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type DockerHost, removeContainers } from './docker-host.ts';

/** What image_update answers. */
export interface Updated {
  outcome?: string;
  reason?: string;
  imageId?: string;
  plan: { check: { state: string } };
  rollback?: object;
}

export interface ImageVersions {
  registry: TestRegistry;
  docker(...args: string[]): string;
  inspect(name: string): ReturnType<typeof JSON.parse>;
  /** The tag of what is pushed; a test sets it. */
  app: string;
  /** Pushes a new version under the tag; the host forgets it again. */
  push(version: string, ...changes: string[]): void;
  /** The image as another machine would have pushed it: the host still has the old one under the tag. */
  pushElsewhere(version: string, ...changes: string[]): void;
}

/** A private registry, and versions of an image in it; containers go after each test. */
export function imageVersions(on: DockerHost): ImageVersions {
  const versions: ImageVersions = {
    registry: undefined as never,
    app: '',
    docker: (...args) => on.dockerd.docker(...args),
    inspect: (name) => JSON.parse(on.dockerd.docker('inspect', name))[0],
    push: (version, ...changes) => {
      const { app } = versions;
      importBusybox(on.dockerd, `${app}-next`, { files: { 'etc/version': version }, changes });
      versions.docker('tag', `${app}-next`, app);
      versions.docker('push', '--quiet', app);
    },
    pushElsewhere: (version, ...changes) => {
      const { app } = versions;
      const old = versions.inspect(app).Id;
      versions.push(version, ...changes);
      versions.docker('tag', old, app);
      versions.docker('rmi', '-f', `${app}-next`);
    },
  };
  beforeAll(async () => {
    versions.registry = await startRegistry();
  });
  afterAll(() => versions.registry?.stop());
  afterEach(() => removeContainers(on.dockerd));
  return versions;
}
