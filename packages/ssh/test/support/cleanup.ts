import { silentLogger } from '@flotilla/core';
import { afterEach } from 'vitest';
import { createHostLinks, type HostLinks, type HostLinksInput } from '../../src/index.ts';

/** Collects what a test started; everything is ended after it, the newest first. */
export function cleanup(): {
  later(end: () => unknown): void;
  links(input: Omit<HostLinksInput, 'log'> & Partial<HostLinksInput>): HostLinks;
} {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return {
    later: (end) => void ends.push(end),
    links(input) {
      const links = createHostLinks({ log: silentLogger, ...input });
      ends.push(() => links.close());
      return links;
    },
  };
}
