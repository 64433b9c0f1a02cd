import { FlotillaError } from '@flotilla/core';
import { type Document, parseDocument } from 'yaml';
import { MAX_FILE_BYTES } from './limits.ts';

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
