import { parseArgs } from 'node:util';
import { Refusal } from './names.mjs';

export const USAGE = `
npm run new -- server NAME [--example]
npm run new -- tool SERVER NAME [--job] [--effect read|write|destroy]

--example  with two example tools; otherwise the server has none yet
--job      every call is a durable run; default: answered at once
--effect   what the tool may do at most; default read, of a job write`.trim();

const OPTIONS = {
  example: { type: 'boolean' },
  job: { type: 'boolean' },
  effect: { type: 'string' },
  root: { type: 'string' },
  'no-install': { type: 'boolean' },
};
const EFFECTS = ['read', 'write', 'destroy'];

/** Throws a Refusal that is to be followed by the usage. */
export function parseArguments(args, env) {
  const refuse = (message) => {
    throw Object.assign(new Refusal(message), { usage: true });
  };
  // Without `--`, npm keeps options for itself and hands them on in the environment only.
  const lost = Object.keys(OPTIONS).filter(
    (name) => env[`npm_config_${name}`] !== undefined && name !== 'root',
  );
  if (lost.length > 0) refuse(`npm took --${lost[0]} for itself: put -- behind "npm run new".`);
  let parsed;
  try {
    parsed = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return refuse(error.message);
  }
  const { values, positionals } = parsed;
  const [kind, ...names] = positionals;
  const common = { ...(values.root && { root: values.root }), install: !values['no-install'] };
  if (kind === 'server' && names.length === 1 && !values.job && !values.effect)
    return { ...common, kind, name: names[0], example: values.example ?? false };
  if (kind === 'tool' && names.length === 2 && !values.example) {
    const effect = values.effect ?? (values.job ? 'write' : 'read');
    if (!EFFECTS.includes(effect)) refuse(`--effect is one of ${EFFECTS.join(', ')}.`);
    return { ...common, kind, server: names[0], name: names[1], job: values.job ?? false, effect };
  }
  return refuse(
    positionals.length === 0 ? 'What is to be made?' : `That is not understood: ${args.join(' ')}`,
  );
}
