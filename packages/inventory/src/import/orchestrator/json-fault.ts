const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** Offset of the first character at which a text stops being JSON (RFC 8259); its length when it ends too early. */
export function jsonFault(text: string): number {
  const closers: string[] = [];
  let at = skip(text, SPACE, 0);
  let expect: 'value' | 'key' | 'end' = 'value';
  for (;;) {
    const char = text[at];
    if (expect === 'key') {
      const end = skip(text, STRING, at);
      const colon = skip(text, SPACE, end);
      if (end === at || text[colon] !== ':') return end === at ? at : colon;
      at = skip(text, SPACE, colon + 1);
      expect = 'value';
    } else if (expect === 'value' && (char === '{' || char === '[')) {
      closers.push(char === '{' ? '}' : ']');
      at = skip(text, SPACE, at + 1);
      if (text[at] === closers.at(-1)) expect = 'end';
      else expect = char === '{' ? 'key' : 'value';
    } else if (expect === 'value') {
      const end = Math.max(skip(text, STRING, at), skip(text, SCALAR, at));
      if (end === at) return at;
      at = skip(text, SPACE, end);
      expect = 'end';
    } else if (closers.length > 0 && char === closers.at(-1)) {
      closers.pop();
      at = skip(text, SPACE, at + 1);
    } else if (closers.length > 0 && char === ',') {
      at = skip(text, SPACE, at + 1);
      expect = closers.at(-1) === '}' ? 'key' : 'value';
    } else return at;
  }
}

function skip(text: string, expression: RegExp, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : at;
}
