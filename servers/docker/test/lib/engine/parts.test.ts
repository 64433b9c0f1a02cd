import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parseVersion } from '../../../src/lib/engine/api-version.ts';
import { engineError, engineWords } from '../../../src/lib/engine/engine-error.ts';
import { parseSigns } from '../../../src/lib/engine/find-sockets.ts';
import { createDemuxer, demux } from '../../../src/lib/engine/frames.ts';
import { exchange, queryText } from '../../../src/lib/engine/http-call.ts';
import { HttpStream } from '../../../src/lib/engine/http-stream.ts';
import { routesTo } from '../../../src/lib/engine/routes.ts';
import { StreamAgent } from '../../../src/lib/engine/stream-agent.ts';
import { fixtureBytes, fixtureJson } from '../../helpers/fixture.ts';

describe('the API version', () => {
  test('is that of the engine when it is known here', () => {
    expect(parseVersion(fixtureJson('docker-20.10-version.json'))).toEqual({
      kind: 'docker',
      version: expect.stringContaining('20.10'),
      apiVersion: '1.41',
    });
    expect(parseVersion(fixtureJson('podman-4.3-version.json'))).toMatchObject({
      kind: 'podman',
      apiVersion: '1.41',
      libpodVersion: '4.3.1',
    });
  });

  test('is the newest known one of a newer engine, and its oldest where it has left all of those behind', () => {
    expect(parseVersion({ ApiVersion: '1.99', MinAPIVersion: '1.44' }).apiVersion).toBe('1.51');
    expect(parseVersion({ ApiVersion: '2.5', MinAPIVersion: '2.0' }).apiVersion).toBe('2.0');
    expect(parseVersion({ ApiVersion: '../../x' }).apiVersion).toBe('1.24');
    expect(() => parseVersion('hello')).toThrow();
  });
});

describe('frames', () => {
  test('of a real log', () => {
    for (const name of ['docker-20.10', 'podman-4.3']) {
      const frames = demux(fixtureBytes(`${name}-logs.bin`), false).map(
        ({ stream, bytes }) => `${stream}: ${bytes}`,
      );
      expect(frames.toSorted(), name).toEqual(['stderr: err\n', 'stdout: out\n']);
    }
  });

  test('cut anywhere', () => {
    const body = fixtureBytes('docker-20.10-logs.bin');
    for (let size = 1; size < body.length; size++) {
      const take = createDemuxer();
      const seen = { stdout: '', stderr: '' };
      for (let at = 0; at < body.length; at += size)
        for (const { stream, bytes } of take(body.subarray(at, at + size))) seen[stream] += bytes;
      expect(seen, String(size)).toEqual({ stdout: 'out\n', stderr: 'err\n' });
    }
  });

  test('what is none is passed on; a claim of 4 GiB costs nothing', () => {
    const plain = demux(Buffer.from('plain text\n'), false);
    expect(Buffer.concat(plain.map(({ bytes }) => bytes)).toString()).toBe('plain text\n');
    const take = createDemuxer();
    expect(take(Buffer.from([1, 0, 0, 0, 255, 255, 255, 255, 65]))).toEqual([
      { stream: 'stdout', bytes: Buffer.from('A') },
    ]);
    expect(demux(Buffer.from([1, 0, 0, 0, 0, 0, 0, 1, 66]), true)[0]?.bytes.length).toBe(9);
  });
});

describe('ways to an engine', () => {
  const signs = parseSigns(
    'socket usable /var/run/docker.sock\nsocket denied /run/podman/podman.sock\nclient docker\nclient podman\nsudo podman\n',
  );

  test('a usable socket first, then the client, then sudo', () => {
    expect(routesTo(signs).map(({ how, socketPath }) => `${how} ${socketPath}`)).toEqual([
      'forward /var/run/docker.sock',
      'dial-stdio /var/run/docker.sock',
      'sudo /run/podman/podman.sock',
    ]);
    expect(routesTo(signs)[2]?.target).toEqual({
      command: "exec sudo -n podman --url 'unix:///run/podman/podman.sock' system dial-stdio",
    });
    expect(routesTo(signs)[0]?.client).toBe('docker');
  });

  test('what a hostile host says about itself is not believed', () => {
    const lies = parseSigns(
      `socket usable /x';id;'\u001b[2J\nsocket usable ${'/a'.repeat(100)}\nsocket maybe /b\nclient rm -rf /\nsudo docker2\n`,
    );
    expect(lies).toEqual({ sockets: [], clients: [], sudo: [] });
    const [route] = routesTo(parseSigns("socket denied /x';id;'y\nclient docker\nsudo docker\n"));
    expect(route?.client).toBe(`sudo -n docker -H 'unix:///x'\\'';id;'\\''y'`);
  });

  test('a rootful Podman whose folder cannot be looked into is tried through sudo', () => {
    expect(routesTo(parseSigns('client podman\nsudo podman\n')).map(({ how }) => how)).toEqual(['sudo']);
    expect(routesTo(parseSigns('client docker\n'))).toEqual([]);
  });
});

test('refusals as errors of the table, the words of the engine as data', () => {
  const codes = [400, 401, 403, 404, 409, 500, 501, 503].map(
    (status) => engineError('a', status, '{"message":"no"}').code,
  );
  expect(codes).toEqual([
    'INVALID_INPUT',
    'DENIED',
    'DENIED',
    'NOT_FOUND',
    'CONFLICT',
    'SERVER_UNAVAILABLE',
    'UNSUPPORTED',
    'SERVER_UNAVAILABLE',
  ]);
  expect(engineError('a', 500, '{"message":"port is already allocated"}').code).toBe('CONFLICT');
  expect(engineError('a', 404, '{"message":"\\u001b[2Jgone"}')).toMatchObject({
    message: 'The engine of a does not have it.',
    details: { remote: '␛[2Jgone' },
  });
  expect(engineWords('<html>')).toBe('<html>');
});

test('queries', () => {
  expect(queryText({ all: true, since: undefined, filters: { label: ['a=b&c'] } })).toBe(
    '?all=true&filters=%7B%22label%22%3A%5B%22a%3Db%26c%22%5D%7D',
  );
  expect(queryText(undefined)).toBe('');
});

test('a stream over SSH closes when it is destroyed, although the channel below says nothing', async () => {
  const channel = new PassThrough();
  channel.destroy = () => channel;
  const stream = new HttpStream(channel);
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.destroy();
  await closed;
  expect(stream.destroyed).toBe(true);
});

test('what was sent before the other side closed is read to the end, however late', async () => {
  const channel = new PassThrough();
  const stream = new HttpStream(channel);
  const sent = 'x'.repeat(200_000);
  channel.end(sent);
  await new Promise((resolve) => channel.once('close', resolve).resume());
  let seen = '';
  for await (const chunk of stream) seen += String(chunk);
  expect(seen).toBe(sent);
  expect(stream.gone).toBe(true);
});

test.each([
  ['young', 60_000, 1],
  ['old', 0, 3],
])('a %s connection', async (_, maxAgeMs, connections) => {
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let opened = 0;
  const open = async () => {
    opened++;
    return connect(port, '127.0.0.1');
  };
  const agent = new StreamAgent(open, { keepAlive: true, maxSockets: 1, maxAgeMs });
  try {
    for (let count = 0; count < 3; count++)
      expect(await exchange(agent, 'web1', '/', {})).toMatchObject({ status: 200 });
    expect(opened).toBe(connections);
  } finally {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
