import { defineService, type JobContext } from '@flotilla/core';

const sealing = defineService({ name: 'sealing', open: ({ cipher }) => cipher });

/**
 * A repeatable step whose result may hold secrets (the environment of containers): it is recorded encrypted, and comes
 * back whole, where a plain record would have known secrets masked.
 */
export async function sealedStep<T>(
  job: JobContext,
  key: string,
  alias: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const cipher = await job.use(sealing);
  const sealed = await job.step.repeatable(
    key,
    async ({ signal }) => cipher.seal(JSON.stringify(await work(signal))),
    { alias },
  );
  return JSON.parse(cipher.open(sealed)) as T;
}
