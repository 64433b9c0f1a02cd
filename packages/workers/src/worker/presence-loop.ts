import { type CommandRunner, FlotillaError, failureOf, isFlotillaError, type Logger } from '@flotilla/core';
import type { Errand, ErrandResult } from '../desk/errands.ts';
import type { QueueSeen } from '../desk/queue-trouble.ts';
import { pause } from '../pause.ts';
import type { Answers } from '../protocol/messages.ts';
import type { HubClient } from './hub-client.ts';
import type { LeasedHosts } from './leased-hosts.ts';
import type { WorkerIdentity } from './say-hello.ts';

const ASK_MS = 60_000;
const AWAY_MS = 2_000;

export interface PresentParts {
  client: HubClient;
  who: WorkerIdentity;
  runner: CommandRunner;
  queue(): QueueSeen;
  leased: LeasedHosts;
  log: Logger;
}

/**
 * Keeps one request open at the hub, by which it sees that this worker is there, and does the errands that come by it,
 * until `stop`. Throws CONFLICT when the hub has become another version.
 */
export async function stayPresent(parts: PresentParts, stop: AbortSignal): Promise<void> {
  const { client, log } = parts;
  const { version, worker, lanes, labels } = parts.who;
  while (!stop.aborted) {
    try {
      const { ok, detail, identity } = parts.queue();
      const queue = { ok, detail: detail.slice(0, 1_000), ...(identity !== undefined && { identity }) };
      const asked = { version, worker, lanes: [...lanes], labels: [...labels], queue };
      const { errands } = await client.ask('poll', asked, { signal: stop, timeoutMs: ASK_MS });
      for (const taken of errands) void carryOut(parts, taken);
    } catch (error) {
      if (stop.aborted) return;
      if (isFlotillaError(error) && error.code === 'CONFLICT') throw error;
      log.debug({ err: error }, 'the hub does not answer');
      await pause(AWAY_MS, stop);
    }
  }
}

type Taken = Answers['poll']['errands'][number];

async function carryOut({ client, who, runner, leased, log }: PresentParts, taken: Taken): Promise<void> {
  const { id, alias, errand, lease } = taken;
  const { worker } = who;
  const key = `errand/${id}`;
  leased.hold(key, { errand: { worker, id } }, lease);
  try {
    const result: ErrandResult = await perform(runner, alias, errand).then(
      (value) => ({ value: value ?? null }),
      (error: unknown) => ({ failure: failureOf(isFlotillaError(error) ? error : unexpected(error)) }),
    );
    await client.ask('done', { worker, id, result: result as never });
  } catch (error) {
    log.warn({ err: error, alias }, 'the hub was not told what came of its errand');
  } finally {
    leased.release(key);
  }
}

const unexpected = (cause: unknown): FlotillaError =>
  new FlotillaError('INTERNAL', 'The errand failed unexpectedly.', { cause });

function perform(runner: CommandRunner, alias: string, errand: Errand): Promise<unknown> {
  switch (errand.do) {
    case 'status':
      return runner.status(alias, errand.id);
    case 'cancel':
      return runner.cancel(alias, errand.id, errand.options);
    case 'answer':
      return runner.answer(alias, errand.id, errand.question, errand.text);
    case 'forget':
      return runner.forget(alias, errand.ids);
  }
}
