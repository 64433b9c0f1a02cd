import { FlotillaError } from '@flotilla/core';
import { type Document, parseDocument } from 'yaml';
import { MAX_ALIASES, MAX_FILE_BYTES } from './limits.ts';

/** A compose file with its comments and order; aliases are not expanded. INVALID_INPUT when it is not one YAML document. */
export function parseComposeFile(text: string): Document.Parsed {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    throw new FlotillaError('INVALID_INPUT', `The file is larger than ${MAX_FILE_BYTES} bytes.`, {
      hint: 'Edit it with file_write.',
    });
  }
  const document = parsed(text);
  const [error] = document.errors;
  if (!error) return document;
  const line = error.linePos?.[0].line;
  throw new FlotillaError('INVALID_INPUT', 'The file is not valid YAML.', {
    details: { ...(line !== undefined && { line }), reason: error.code },
    hint: 'Correct it with file_write first.',
  });
}

function parsed(text: string): Document.Parsed {
  try {
    return parseDocument(text, { prettyErrors: true });
  } catch (cause) {
    throw new FlotillaError('INVALID_INPUT', 'The file is nested too deeply to be read.', { cause });
  }
}

/**
 * Refuses a file whose aliases multiply beyond reason, before compose on the host would expand them. What is not YAML
 * at all is left to compose, whose words are better.
 */
export function refuseBomb(text: string): void {
  if (!/\*[^\s*]/.test(text) || !text.includes('&')) return;
  const document = parseDocument(text, { logLevel: 'silent' });
  if (document.errors.length > 0) return;
  try {
    document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new FlotillaError('INVALID_INPUT', 'The aliases of the file multiply beyond reason.', { cause });
  }
}
