import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createBody, parsePort } from '../../../src/lib/run/create-body.ts';
import { execCommand } from '../../../src/lib/run/exec-command.ts';

test('ports: on loopback unless an address is given', () => {
  expect(parsePort('8080:80')).toEqual({ inside: '80/tcp', ip: '127.0.0.1', outside: '8080' });
  expect(parsePort('0.0.0.0:53:53/udp')).toEqual({ inside: '53/udp', ip: '0.0.0.0', outside: '53' });
  expect(parsePort('[::1]:8080:80')).toEqual({ inside: '80/tcp', ip: '::1', outside: '8080' });
  expect(parsePort('80')).toEqual({ inside: '80/tcp', ip: '127.0.0.1', outside: '' });
  expect(parsePort('127.0.0.1::80')).toEqual({ inside: '80/tcp', ip: '127.0.0.1', outside: '' });
  for (const wrong of ['', 'a:b', '0:80', '80:70000', '1:2:3:4', '$(id):80'])
    expect(() => parsePort(wrong), wrong).toThrow('A port is not of the form');
});

test('the body of a container: several addresses of one port, limits, restart, the mark of its run', () => {
  const body = createBody(
    {
      image: 'app:1',
      ports: ['80:80', '10.0.0.1:81:80'],
      volumes: ['data:/data', '/srv/x:/x:ro'],
      restart: 'on-failure:3',
      cpus: 1.5,
      env: { A: 'b=c' },
    },
    'run_1',
  );
  expect(body).toMatchObject({
    Env: ['A=b=c'],
    Labels: { 'dev.flotilla.run': 'run_1' },
    ExposedPorts: { '80/tcp': {} },
    HostConfig: {
      Binds: ['data:/data', '/srv/x:/x:ro'],
      NanoCpus: 1.5e9,
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      PortBindings: {
        '80/tcp': [
          { HostIp: '127.0.0.1', HostPort: '80' },
          { HostIp: '10.0.0.1', HostPort: '81' },
        ],
      },
    },
  });
  for (const wrong of ['data', 'data:rel', '../x:/y', 'a:/b:/c', 'a:/b:ro:x'])
    expect(() => createBody({ image: 'a', volumes: [wrong] }, 'r'), wrong).toThrow(
      'A volume is not of the form',
    );
});

test('the words of a command in a container arrive as they are', () => {
  const nasty = ['--privileged', "it's", '$(id)', '`id`', '\\', '"', '*', '\n', '-c', ''];
  const command = execCommand('printf "%s|"', {
    container: 'web',
    cmd: nasty,
    env: { A: "b'c" },
    cwd: '/a b',
    user: '1:1',
    stdin: '',
    mark: 'run_1',
  });
  const env = { ...process.env, FLOTILLA_RUN: "of the host's" };
  const said = execFileSync('sh', ['-c', command.replace(/^exec /, '')], { encoding: 'utf8', env });
  expect(said.split('|')).toEqual([
    'exec',
    '-i',
    '--user',
    '1:1',
    '--workdir',
    '/a b',
    '--env',
    "A=b'c",
    '--env',
    'FLOTILLA_EXEC=run_1',
    '--env',
    "FLOTILLA_RUN=of the host's",
    '--',
    'web',
    ...nasty,
    '',
  ]);
});
