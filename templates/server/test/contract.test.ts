import { checkServerContract } from '@flotilla/core/testing';
import { expect, test } from 'vitest';
import { serverTemplate } from '../src/server.ts';

test('the server keeps the contract', () => {
  expect(checkServerContract(serverTemplate)).toEqual([]);
});
