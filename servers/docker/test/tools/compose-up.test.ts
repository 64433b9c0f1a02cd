import { afterEach, describe, expect, test } from 'vitest';
import { type ComposeFolder, composeFolder } from '../helpers/compose-folder.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';

const reason = whyNoCompose();
const skipped = reason ? ` (skipped: ${reason})` : '';

const service = (command: string, health = 'true', retries = 3): string =>
  `    image: app:1
    network_mode: none
    stop_signal: SIGKILL
    command: ${command}
    healthcheck: { test: ["CMD-SHELL", "${health}"], interval: 300ms, retries: ${retries} }
`;
const file = (name: string, ...services: string[]): string =>
  `name: ${name}\nservices:\n${services.map((body, at) => `  s${at}:\n${body}`).join('')}`;

interface Up {
  outcome?: string;
  reason?: string;
  text: string;
  plan: {
    services: { service: string; state: string; changes: string[] }[];
    actions: { action: string; name: string }[];
  };
  rollback?: { restored: string[]; removed: string[]; problems: unknown[] };
}

describe.skipIf(reason !== undefined)(`'compose_up'${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  let folder: ComposeFolder;
  const args = (more = {}) => ({ alias: 'web1', path: folder.path, ...more });
  const container = (name: string) => JSON.parse(on.dockerd.docker('inspect', name))[0];

  afterEach(() => {
    const ids = on.dockerd.docker('ps', '-aq').split('\n').filter(Boolean);
    if (ids.length > 0) on.dockerd.docker('rm', '-f', ...ids);
    folder.remove();
  });

  test('a plan changes nothing; an apply makes what runs match; a second one has nothing to do', async () => {
    folder = composeFolder(
      file('shop', service('sleep 1000'), service('"true"').replace(/ {4}healthcheck.*\n/, '')),
    );
    const plan = await on.server.ok<Up>('compose_up', args({ dryRun: true }));
    expect(plan.plan.actions).toContainEqual({ kind: 'container', name: 'shop-s0-1', action: 'create' });
    expect(plan.plan.services.map(({ state }) => state)).toEqual(['missing', 'missing']);
    expect(on.dockerd.docker('ps', '-aq')).toBe('');

    const up = await on.server.ok<Up>('compose_up', args());
    expect(up.outcome).toBe('applied');
    expect(container('shop-s0-1').State.Health.Status).toBe('healthy');
    expect(up.text).toContain('shop-s1-1: ready, ended with exit code 0');

    on.dockerd.docker('rm', 'shop-s1-1');
    folder.write(file('shop', service('sleep 1000')));
    const again = await on.server.ok<Up>('compose_up', args());
    expect(again.outcome).toBe('unchanged');
  });

  test('a file that compose refuses is no change at all', async () => {
    folder = composeFolder('services:\n  web:\n    imagee: app:1\n');
    const failure = await on.server.fails('compose_up', args());
    expect(failure.code).toBe('INVALID_INPUT');
    expect(String(failure.details['remote'])).toContain('imagee');
    expect(failure.message).not.toContain('imagee');
  });
});
