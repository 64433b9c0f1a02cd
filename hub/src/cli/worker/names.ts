import { FlotillaError } from '@flotilla/core';

const LABEL = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** INVALID_INPUT for a lane that is none of these servers. */
export function lanesOption(text: string | undefined, servers: readonly { name: string }[]): string[] {
  const lanes = words(text);
  const known = servers.map(({ name }) => name);
  const unknown = lanes.find((lane) => !known.includes(lane));
  if (lanes.length > 0 && unknown === undefined) return lanes;
  throw new FlotillaError(
    'INVALID_INPUT',
    unknown === undefined ? 'Name at least one lane: --lanes docker' : `There is no lane ${unknown}.`,
    { hint: `A lane is the name of a server: ${known.join(', ')}.` },
  );
}

/** INVALID_INPUT for what is no label. */
export function labelsOption(text: string | undefined): string[] {
  const labels = words(text);
  if (labels.length <= 4 && labels.every((label) => LABEL.test(label))) return labels;
  throw new FlotillaError(
    'INVALID_INPUT',
    'Labels are at most 4 words of lower-case letters, digits, _ and -.',
  );
}

const words = (text = ''): string[] => [
  ...new Set(
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
];
