import { quote } from '../quote.ts';

/**
 * Shell text that writes `input` to its standard output, as one quoted word to be `eval`ed; `''` for no input.
 * The bytes travel inside the text, so that nothing of them touches the host's disk.
 */
export function feedText(input: string | Uint8Array | undefined): string {
  if (input === undefined || input.length === 0) return "''";
  const bytes = typeof input === 'string' ? Buffer.from(input, 'utf8') : Buffer.from(input);
  const text = plainText(bytes);
  return quote(text === undefined ? `printf ${quote(octalFormat(bytes))}` : `printf %s ${quote(text)}`);
}

function plainText(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A printf(1) format that stands for these bytes: printable ASCII as it is, the rest as \ooo. */
function octalFormat(bytes: Buffer): string {
  const words = OCTAL;
  const parts: string[] = [];
  for (const byte of bytes) parts.push(words[byte] ?? '');
  return parts.join('');
}

const OCTAL = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9 .,:;=/+_\n-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
});
