import { quote } from '../quote.ts';

/**
 * Shell text that writes `input` to its standard output; '' for no input. The bytes travel inside the text, so that
 * nothing of them touches the host's disk.
 */
export function feedScript(input: string | Uint8Array | undefined): string {
  if (input === undefined || input.length === 0) return '';
  const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : Buffer.from(input);
  const text = plainText(bytes);
  return text === undefined ? `printf ${quote(octalFormat(bytes))}` : `printf %s ${quote(text)}`;
}

/** Text as one line of printable ASCII that `printf %b` turns back into it. */
export function echoEscaped(text: string): string {
  const parts: string[] = [];
  for (const byte of Buffer.from(text, 'utf8')) parts.push(ESCAPES[byte] ?? '');
  return parts.join('');
}

function plainText(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A printf(1) format that stands for these bytes. */
function octalFormat(bytes: Buffer): string {
  const parts: string[] = [];
  for (const byte of bytes) parts.push(FORMATS[byte] ?? '');
  return parts.join('');
}

/** Every byte as `written` says, harmless ASCII as it is. A dash is not: printf(1) would take it for an option. */
function table(written: (octal: string) => string): string[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9 .,:;=/+_]/.test(character) ? character : written(byte.toString(8).padStart(3, '0'));
  });
}

/** POSIX: a format takes `\ddd`, the argument of `%b` takes `\0ddd`. */
const FORMATS = table((octal) => `\\${octal}`);
const ESCAPES = table((octal) => `\\0${octal}`);
