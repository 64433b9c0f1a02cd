/**
 * Shell source as it is sent: without comments of their own line and without indentation. `@{` stands for a dollar sign and a
 * brace, so that the source can be a template of ours.
 */
export function shellText(source: string): string {
  return source
    .replace(/^[ \t]+/gm, '')
    .replace(/^#.*\n/gm, '')
    .replace(/^\n+/, '')
    .replaceAll('@{', '${');
}
