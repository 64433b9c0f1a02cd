/** ustar headers (POSIX pax, "ustar interchange format") with GNU's long names and base-256 sizes. */
export const BLOCK = 512;
const MAX_OCTAL_SIZE = 8 ** 11 - 1;

const octal = (value: number, width: number): string =>
  value
    .toString(8)
    .padStart(width - 1, '0')
    .concat('\0');

/** Writes the header of a regular file with a short ASCII name into the first block of `target`. */
export function writeTarHeader(
  target: Buffer,
  file: { name: string; size: number; mode: number; mtime: number },
): void {
  if (file.name.length > 100 || file.size > MAX_OCTAL_SIZE)
    throw new RangeError('Does not fit a plain header');
  const header = target.subarray(0, BLOCK).fill(0);
  const fields = `${octal(file.mode & 0o777, 8)}${octal(0, 8)}${octal(0, 8)}${octal(file.size, 12)}`;
  header.write(file.name, 0, 'latin1');
  header.write(`${fields}${octal(Math.max(0, file.mtime), 12)}        0`, 100, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(`${octal(checksum(header), 7)} `, 148, 'latin1');
}

export const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

export function checksum(header: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 0x20 : (header[at] ?? 0);
  return sum;
}

/** A number field: octal text, or base 256 when the first bit is set. NaN when it is neither. */
export function tarNumber(field: Buffer): number {
  if ((field[0] ?? 0) & 0x80) {
    let value = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }
  const text = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** Bytes up to the first NUL, as latin1. */
export function tarText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end < 0 ? field.length : end);
}
