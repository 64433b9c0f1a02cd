import { afterEach } from 'vitest';
import { type ComposeFolder, composeFolder } from './compose-folder.ts';
import { type DockerHost, removeContainers } from './docker-host.ts';

export const service = (command: string, health = 'true', retries = 3): string =>
  `    image: app:1
    network_mode: none
    stop_signal: SIGKILL
    command: ${command}
    healthcheck: { test: ["CMD-SHELL", "${health}"], interval: 300ms, retries: ${retries} }
`;

/** A compose file with the services `s0`, `s1` and so on. */
export const composeFile = (name: string, ...services: string[]): string =>
  `name: ${name}\nservices:\n${services.map((body, at) => `  s${at}:\n${body}`).join('')}`;

/** What compose_up answers. */
export interface Up {
  outcome?: string;
  reason?: string;
  text: string;
  plan: {
    services: { service: string; state: string; changes: string[] }[];
    actions: { action: string; name: string }[];
  };
  rollback?: { restored: string[]; removed: string[]; problems: unknown[] };
}

export interface ComposeProject {
  /** Puts the project of a test into a folder. */
  write(text: string): ComposeFolder;
  args(more?: object): { alias: string; path: string };
  container(name: string): ReturnType<typeof JSON.parse>;
}

/** One project for each test; its folder and all containers go after it. */
export function composeProject(on: DockerHost): ComposeProject {
  let folder: ComposeFolder;
  afterEach(() => {
    removeContainers(on.dockerd);
    folder.remove();
  });
  return {
    write: (text) => {
      folder = composeFolder(text);
      return folder;
    },
    args: (more = {}) => ({ alias: 'web1', path: folder.path, ...more }),
    container: (name) => JSON.parse(on.dockerd.docker('inspect', name))[0],
  };
}
