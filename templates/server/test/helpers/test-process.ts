import { type ServerOnHost, serverOnHost } from '@flotilla/runtime/testing';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { serverTemplate } from '../../src/server.ts';

/** The server alone with one real host, `web1`. */
export const testProcess = (): ServerOnHost<TestSshd> =>
  serverOnHost(serverTemplate, { beforeAll, afterAll }, startSshd);
