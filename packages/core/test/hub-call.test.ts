import { type HubCall, signHubCall, verifyHubCall } from '@flotilla/core';
import { describe, expect, it } from 'vitest';

const call: HubCall = { principal: { id: 'token:ci', kind: 'token' }, runId: 'run_1', deadline: 2_000 };
const SECRET = 'one-time secret';

describe('calls of a hub', () => {
  const signed = signHubCall(call, SECRET);

  it('arrive as they were signed', () => {
    expect(verifyHubCall(signed, SECRET, 1_000)).toEqual(call);
  });

  it.each([
    ['of another secret', () => verifyHubCall(signed, 'other', 1_000)],
    ['after their deadline', () => verifyHubCall(signed, SECRET, 2_001)],
    ['that were changed', () => verifyHubCall(`e30${signed.slice(3)}`, SECRET, 1_000)],
    ['without signature', () => verifyHubCall(signed.split('.')[0], SECRET, 1_000)],
    ['with more parts', () => verifyHubCall(`${signed}.x`, SECRET, 1_000)],
    ['that are not text', () => verifyHubCall({ ...call }, SECRET, 1_000)],
    ['when no secret was given', () => verifyHubCall(signHubCall(call, ''), '', 1_000)],
  ])('%s are ignored', (_what, verify) => expect(verify()).toBeUndefined());
});
