import { FlotillaError } from '@flotilla/core';
import { LIMITS } from './limits.ts';

/** Something wrong with a definition, and where: `steps.deploy.with.alias`. */
export interface Problem {
  path: string;
  message: string;
}

/** All problems at once. The first ones stand in the message, for readers that see only that. */
export function invalidPipeline(name: string, problems: readonly Problem[]): FlotillaError {
  const shown = problems.slice(0, LIMITS.problems);
  const lines = shown.slice(0, 10).map(({ path, message }) => `${path}: ${message}`);
  const rest = problems.length > lines.length ? `\n… ${problems.length - lines.length} more` : '';
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
  return new FlotillaError(
    'INVALID_INPUT',
    `The pipeline ${name} has ${count}; nothing was run.\n${lines.join('\n')}${rest}`,
    {
      details: { problems: shown, total: problems.length },
      hint: 'Correct the definition; pipeline_plan checks it without running anything.',
    },
  );
}
