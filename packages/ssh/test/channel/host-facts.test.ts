import { userInfo } from 'node:os';
import { silentLogger } from '@flotilla/core';
import { expect, test } from 'vitest';
import { hostFacts } from '../../src/index.ts';
import { cleanup } from '../support/cleanup.ts';
import { hostOf, testDirectory } from '../support/directory.ts';
import { ownSshd } from '../support/own-sshd.ts';

const { sshd } = ownSshd();
const { links } = cleanup();

test('one exchange tells what of a host our features need', async () => {
  const all = links({ directory: testDirectory(hostOf(sshd)) });
  const facts = await hostFacts(all, silentLogger, 'web');
  expect(facts).toMatchObject({ proc: true, killsUserProcesses: expect.any(Boolean), uid: userInfo().uid });
  expect(facts.programs).toEqual(expect.arrayContaining(['mkfifo', 'tar', 'ps', 'dd', 'awk']));
  expect(facts.programs).not.toContain('f_facts');
  expect(facts.system).toMatch(/^Linux \S+ \S+$/);
  expect(facts.boot).toMatch(/^\S+\/\d+$/);
});
