const MAX_KEY_LENGTH = 16_384;
const BEGIN = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----/;
const END = /-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----/;
const MARKER_LENGTH = 64;
const KEY_MASK = '[private key]';

/** Masks blocks of private keys in a stream; a block without an end stops hiding after 16 KiB. */
export function createKeyBlockStream(): { push(text: string): string; end(): string } {
  let held = '';
  let hidden = -1;

  const outside = (final: boolean): string => {
    const begin = BEGIN.exec(held);
    if (begin !== null) {
      const out = `${held.slice(0, begin.index)}${KEY_MASK}`;
      held = held.slice(begin.index + begin[0].length);
      hidden = 0;
      return out + inside(final);
    }
    const tail = Math.max(0, held.length - MARKER_LENGTH);
    const dash = final ? -1 : held.indexOf('-', tail);
    const keep =
      dash >= 0 && /^-{1,5}$|^-----B[A-Z0-9 -]*$|^-----$/.test(held.slice(dash)) ? dash : held.length;
    const out = held.slice(0, keep);
    held = held.slice(keep);
    return out;
  };

  const inside = (final: boolean): string => {
    const end = END.exec(held);
    if (end !== null) {
      held = held.slice(end.index + end[0].length);
      hidden = -1;
      return outside(final);
    }
    const drop = final ? held.length : Math.max(0, held.length - MARKER_LENGTH);
    hidden += drop;
    held = held.slice(drop);
    if (hidden <= MAX_KEY_LENGTH) return '';
    hidden = -1;
    return outside(final);
  };

  const step = (final: boolean) => (hidden < 0 ? outside(final) : inside(final));
  return {
    push(text) {
      held += text;
      return step(false);
    },
    end: () => step(true),
  };
}

/** The same for a text that is there as a whole. */
export function maskKeyBlocks(text: string): string {
  if (!text.includes('PRIVATE KEY-----')) return text;
  const stream = createKeyBlockStream();
  return stream.push(text) + stream.end();
}
