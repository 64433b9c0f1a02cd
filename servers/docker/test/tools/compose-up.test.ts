import { describe, expect, test } from 'vitest';
import { composeFile, composeProject, service, type Up } from '../helpers/compose-services.ts';
import { dockerHost, whyNoCompose } from '../helpers/docker-host.ts';

const reason = whyNoCompose();
const skipped = reason ? ` (skipped: ${reason})` : '';

describe.skipIf(reason !== undefined)(`'compose_up'${skipped}`, { timeout: 90_000 }, () => {
  const on = dockerHost();
  const project = composeProject(on);
  const { args, container } = project;

  test('a plan changes nothing; an apply makes what runs match; a second one has nothing to do', async () => {
    const folder = project.write(
      composeFile('shop', service('sleep 1000'), service('"true"').replace(/ {4}healthcheck.*\n/, '')),
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
    folder.write(composeFile('shop', service('sleep 1000')));
    const again = await on.server.ok<Up>('compose_up', args());
    expect(again.outcome).toBe('unchanged');
  });

  test('a file that compose refuses is no change at all', async () => {
    project.write('services:\n  web:\n    imagee: app:1\n');
    const failure = await on.server.fails('compose_up', args());
    expect(failure.code).toBe('INVALID_INPUT');
    expect(String(failure.details['remote'])).toContain('imagee');
    expect(failure.message).not.toContain('imagee');
  });
});
