import { afterEach, beforeEach } from 'vitest';
import { type ComposeFolder, composeFolder } from './compose-folder.ts';
import { type DockerHost, removeContainers } from './docker-host.ts';

export const SHOP = `# The shop
name: shop
services:
  # answers the customers
  web:
    image: app:1 # pinned
    network_mode: none
    stop_signal: SIGKILL
    command: sh -c 'echo hello from web; echo an ERROR here >&2; exec sleep 1000'
    environment:
      DB_PASSWORD: hunter2hunter2
      MODE: fast
    volumes: ["data:/data"]
    healthcheck: { test: ["CMD", "true"], interval: 300ms }
  worker:
    image: app:1
    networks: [inner]
    healthcheck: { test: ["CMD", "true"], interval: 300ms }
    stop_signal: SIGKILL
    command: sleep 1000
volumes:
  data:
networks:
  inner:
`;

export interface ShopProject {
  folder: ComposeFolder;
  /** Arguments of a call about it. */
  args(more?: object): { alias: string; path: string };
}

/** The project `shop` in a folder with every kind of character in its name, anew for each test. */
export function shopProject(on: DockerHost): ShopProject {
  const project = {
    args: (more = {}) => ({ alias: 'web1', path: project.folder.path, ...more }),
  } as ShopProject;
  beforeEach(() => {
    project.folder = composeFolder(SHOP, 'a project\'s "folder"\n$(touch pwned) `id`; x');
  });
  afterEach(() => {
    removeContainers(on.dockerd);
    const volumes = on.dockerd.docker('volume', 'ls', '-q').split('\n').filter(Boolean);
    if (volumes.length > 0) on.dockerd.docker('volume', 'rm', ...volumes);
    project.folder.remove();
  });
  return project;
}
