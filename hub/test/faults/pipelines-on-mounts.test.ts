import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type TestSshd, tempDir, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Report, x } from '../pipelines/world.ts';
import { KINDS, type RealHub, startRealHub } from '../support/real-hub.ts';

const folder = tempDir('flotilla-pipeline-mounts-');
let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd?.stop();
  folder.remove();
});

describe.each(KINDS)('the tools are %s', (kind) => {
  let hub: RealHub;
  const name = kind.replace(' ', '-');
  const log = () => join(sshd.home, `${name}.log`);
  const lines = () => (existsSync(log()) ? readFileSync(log(), 'utf8').trimEnd().split('\n') : []);
  const step = (key: string, cmd: string, more: object = {}) => ({
    key,
    tool: 'task_exec',
    with: { alias: 'web1', cmd },
    ...more,
  });
  const begun = async (definition: object): Promise<string> => {
    const { data } = await hub.call('pipeline_run', { definition });
    return (data['run'] as { id: string }).id;
  };
  const endOf = async (id: string): Promise<string> => {
    await waitFor(() => hub.hub.runtime.services.engine.get(id).endedAt !== undefined, {
      timeoutMs: 60_000,
      what: 'the end of the pipeline',
    });
    return hub.hub.runtime.services.engine.get(id).state;
  };
  const ended = async (definition: object): Promise<{ id: string; state: string; report: Report }> => {
    const { engine } = hub.hub.runtime.services;
    const { data } = await hub.call('pipeline_run', { definition });
    const run = (data['run'] ?? {}) as { id?: string };
    const id =
      run.id ?? engine.history({ limit: 9 }).runs.find(({ tool }) => tool === 'pipeline_run')?.id ?? '';
    await waitFor(() => engine.get(id).endedAt !== undefined, {
      timeoutMs: 60_000,
      what: 'the end of the pipeline',
    });
    const { state, output } = engine.get(id);
    return { id, state, report: output as unknown as Report };
  };

  beforeAll(async () => {
    const place = join(folder.path, name);
    mkdirSync(place);
    hub = await startRealHub(kind, place, sshd, ['pipelines']);
  }, 90_000);
  afterAll(() => hub?.stop());

  test('values pass from one server to another, and what was done is undone', async () => {
    const { state, report } = await ended({
      name: 'mounted',
      steps: [
        step('one', `echo one >> ${log()}; echo said`, {
          undo: { tool: 'task_exec', with: { alias: 'web1', cmd: `echo undo-one >> ${log()}` } },
        }),
        {
          key: 'write',
          needs: ['one'],
          tool: 'file_write',
          forEach: { hosts: 'web1' },
          with: {
            source: { type: 'remote', alias: x('each.alias'), path: join(sshd.home, `${name}.txt`) },
            content: `${x('steps.one.output.rows[0].stdout.trim()')}!`,
          },
        },
        step('fail', `cat ${join(sshd.home, `${name}.txt`)} >> ${log()}; exit 7`, { needs: ['write'] }),
      ],
    });
    expect(report?.steps.map(({ failure }) => failure?.message)).toEqual([
      undefined,
      undefined,
      'task_exec answered with an error: exit code 7 on web1.',
    ]);
    expect([state, report.undone]).toEqual(['failed', true]);
    expect(lines()).toEqual(['one', 'said!undo-one']);
  }, 90_000);

  test('a hub that comes back before its servers do follows the run that the step became', async () => {
    const go = join(sshd.home, `${name}.go`);
    const again = `${name}.again`;
    const id = await begun({
      name: 'again',
      steps: [
        step('one', `echo one >> ~/${again}; until [ -e ${go} ]; do sleep 0.05; done`),
        step('two', `echo two >> ~/${again}`, { needs: ['one'] }),
      ],
    });
    await waitFor(() => existsSync(join(sshd.home, again)), { what: 'the command' });
    await hub.reopen();
    writeFileSync(go, '');
    expect(await endOf(id)).toBe('succeeded');
    expect(readFileSync(join(sshd.home, again), 'utf8')).toBe('one\ntwo\n');
  }, 90_000);

  test('what is wrong with arguments is found before anything runs, wherever the tool is', async () => {
    const { data } = await hub.call('pipeline_plan', {
      definition: {
        name: 'wrong',
        steps: [step('a', ''), { key: 'b', tool: 'file_write', with: { alias: 'web9' } }],
      },
    });
    const problems = data['problems'] as { path: string }[];
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['steps.a.with', 'steps.b.with']),
    );
  }, 60_000);
});
