import { dockerRestart } from '@flotilla/docker';
import { getSystemResources } from '@flotilla/monitoring';
import { expression, pipeline, step } from '@flotilla/pipelines/define';
import { fileWrite } from '@flotilla/sftp';
import { taskExec } from '@flotilla/ssh-exec';
import { expect, test } from 'vitest';

test('steps take the tools of every server, and the compiler checks their arguments', () => {
  const made = pipeline('typed', [
    step('look', { tool: getSystemResources, with: { alias: expression('inputs.host') } }),
    step('write', {
      tool: fileWrite,
      with: { source: { type: 'remote', path: '/tmp/x', alias: 'web1' }, content: 'x' },
    }),
    step('restart', { tool: dockerRestart, with: { alias: 'web1', container: 'app' } }),
    // @ts-expect-error there is no such argument
    step('wrong', { tool: dockerRestart, with: { alias: 'web1', contianer: 'app' } }),
    // @ts-expect-error a text is wanted
    step('number', { tool: taskExec, with: { alias: 'web1', cmd: 5 } }),
  ]);
  expect(made.steps.map(({ tool }) => tool)).toEqual([
    'get_system_resources',
    'file_write',
    'docker_restart',
    'docker_restart',
    'task_exec',
  ]);
});
