import { isFlotillaError } from '@flotilla/core';
import type { Finding, Probe } from './finding.ts';

/** Runs every probe side by side; one that fails or does not answer in time is itself a finding. */
export async function runProbes(probes: readonly Probe[], limitMs: number): Promise<Finding[]> {
  const found = await Promise.all(probes.map((probe) => runProbe(probe, limitMs)));
  return found.flat();
}

async function runProbe({ area, look }: Probe, limitMs: number): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    const found = await Promise.race([Promise.resolve().then(look), late]);
    return found.map((one) => ({ area, ...one }));
  } catch (error) {
    const finding = error instanceof Error ? error.message : String(error);
    return [{ area, status: 'fail', finding, ...(isFlotillaError(error) && { remedy: error.hint }) }];
  } finally {
    clearTimeout(timer);
  }
}
