// The forms of a name, and which names are allowed.

/** A refusal that the person can act on; nothing was written. */
export class Refusal extends Error {}

const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** `ssh-exec` or `task_exec` → `sshExec`, `taskExec`. */
export const camel = (name) => name.replace(/[-_]([a-z0-9])/g, (_, letter) => letter.toUpperCase());
/** `task_exec` → `Task exec`. */
export const title = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll(/[-_]/g, ' ');
/** `task_exec` → `task-exec`. */
export const dashes = (name) => name.replaceAll('_', '-');

export function checkServerName(name) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 32)
    throw new Refusal(
      `"${name}" cannot name a server: lower-case letters, digits and single dashes, starting with a letter, at most 32.`,
    );
  checkIdentifier(name);
}

export function checkToolName(name) {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || name.length > 48)
    throw new Refusal(
      `"${name}" cannot name a tool: lower-case letters, digits and single underscores, starting with a letter, at most 48.`,
    );
  checkIdentifier(name);
}

function checkIdentifier(name) {
  if (RESERVED.has(camel(name)))
    throw new Refusal(`"${name}" is a word of the language; choose another name.`);
}
