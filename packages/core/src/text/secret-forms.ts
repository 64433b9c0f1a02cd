/** Shorter values would mask ordinary words. */
export const MIN_SECRET_LENGTH = 6;

/**
 * The characters of the base64 text that depend on the secret alone, when `offset` (0, 1 or 2)
 * bytes of something else precede it in the encoded data, modulo 3.
 */
function base64Core(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

const toUrlAlphabet = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');

/** Every text in which a secret value may appear: as it is, escaped, URL-encoded, inside base64. */
export function secretForms(value: string): string[] {
  if (value.length < MIN_SECRET_LENGTH) return [];
  const url = encodeURIComponent(value.toWellFormed());
  const base64 = [0, 1, 2].map((offset) => base64Core(Buffer.from(value, 'utf8'), offset));
  const forms = [
    value,
    value.replaceAll('\n', '\r\n'),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("'", "'\\''"),
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll('%20', '+'),
    ...base64,
    ...base64.map(toUrlAlphabet),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_SECRET_LENGTH);
}
