import { type ServerOnHost, serverOnHost } from '@flotilla/runtime/testing';
import { startSshd, type TestSshd } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { monitoring } from '../../src/server.ts';

export type TestProcess = ServerOnHost<TestSshd>;

/** The server alone with one real host, `web1`. */
export const testProcess = (): TestProcess => serverOnHost(monitoring, { beforeAll, afterAll }, startSshd);
