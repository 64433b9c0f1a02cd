import type { KeyboardInteractiveAuthMethod } from 'ssh2';

const ONE_TIME_CODE = /code|otp|token|verification|factor|passcode/i;

/**
 * Gives the password to the first question that hides its answer, once (RFC 4256). Anything else, e.g. a
 * one-time code, gets an empty answer and is reported.
 */
export function answerPrompts(
  password: string,
  problem: (text: string) => void,
): KeyboardInteractiveAuthMethod['prompt'] {
  let given = false;
  return (_name, _instructions, _lang, prompts, finish) => {
    finish(
      prompts.map(({ prompt, echo }) => {
        if (!given && !echo && !ONE_TIME_CODE.test(prompt)) {
          given = true;
          return password;
        }
        problem(
          ONE_TIME_CODE.test(prompt)
            ? 'the server asks for a one-time code, which cannot be given'
            : 'the server asks for more than the password',
        );
        return '';
      }),
    );
  };
}
