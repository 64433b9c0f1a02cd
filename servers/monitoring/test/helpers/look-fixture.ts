import { readFileSync } from 'node:fs';
import { type Section, sectionMarks } from '../../src/lib/host/sections.ts';
import { parseSample } from '../../src/lib/sampling/parse-sample.ts';
import type { Reading } from '../../src/lib/sampling/reading.ts';

/** What a host printed; sections begin with `@@fixture name`. */
export const lookText = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}.txt`, import.meta.url), 'utf8');

export const sectionsOf = (text: string): Section[] => sectionMarks('fixture').parse(text);

export const readingOf = (name: string): Reading => parseSample(sectionsOf(lookText(name))) as Reading;
