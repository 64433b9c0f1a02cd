import { FlotillaError, type GateCall, type Principal } from '@flotilla/core';
import { isPerson } from './options.ts';

type Check = (principal: Principal, call: GateCall) => FlotillaError | undefined;

/** Arguments of tools that end in a shell. */
const COMMAND_ARGUMENTS = ['cmd', 'command', 'commands', 'script', 'stdin', 'start_cmd'] as const;

/**
 * Refuses command text that matches a pattern of `policy.commandDeny`. `force` and `skip_policy` lift it for a person
 * only; for anybody else they turn the refusal into a request for one. INVALID_INPUT for a pattern that is no regex.
 */
export function commandCheck(patterns: readonly string[]): Check {
  const rules = patterns.map((pattern) => ({ pattern, expression: compiled(pattern) }));
  return (principal, { args, aliases }) => {
    if (rules.length === 0) return undefined;
    const texts = commandTexts(args);
    const hit = rules.find(({ expression }) => texts.some((text) => expression.test(text)));
    if (!hit) return undefined;
    const forced = args['force'] === true || args['skip_policy'] === true;
    if (forced && isPerson(principal)) return undefined;
    return refusal(hit.pattern, forced || isPerson(principal), aliases);
  };
}

function compiled(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'im');
  } catch (cause) {
    throw new FlotillaError(
      'INVALID_INPUT',
      `policy.commandDeny has a pattern that is no regular expression.`,
      {
        details: { pattern },
        hint: 'Correct it in the config file.',
        cause,
      },
    );
  }
}

/** Each command as written, and as a shell would join it: continued lines, single spaces. */
function commandTexts(args: Record<string, unknown>): string[] {
  const found = COMMAND_ARGUMENTS.flatMap((name) => textsIn(args[name]));
  return [...found, found.join('\n')].flatMap((text) => [
    text,
    text.replaceAll('\\\n', '').replace(/[^\S\n]+/g, ' '),
  ]);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value === 'object' && value !== null && 'command' in value) return textsIn(value.command);
  return [];
}

function refusal(pattern: string, asked: boolean, aliases: readonly string[]): FlotillaError {
  const host = aliases.length === 1 ? aliases[0] : 'HOST';
  if (!asked) {
    return new FlotillaError('DENIED', 'The command policy of this Flotilla forbids that command.', {
      details: { pattern },
      hint: 'Nothing was run. Reach the goal another way, or ask the person: with force it becomes a request that they can grant.',
    });
  }
  return new FlotillaError(
    'APPROVAL_REQUIRED',
    'The command policy forbids that command; only a person can lift it.',
    {
      details: { pattern },
      hint: `Nothing was run. A person can run it at a terminal: flotilla exec --force ${host} -- COMMAND`,
    },
  );
}
