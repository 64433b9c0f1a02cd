/** What both RE2 and JavaScript read alike: no look-around, no back references, no nested repetition. */
export const isSafeRegExp = (text: string): boolean => {
  if (text.length > 200 || /\(\?[!=<]|\\[1-9]|[+*}]\)?[+*{]|\)[+*{]/.test(text)) return false;
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};
