import { HIDDEN, hideInText, isSecretName } from './secret-values.ts';

const ENTRY = /^([+\- ]?\s*(?:- )?)(["']?)([A-Za-z_][A-Za-z0-9_.-]*)\2(\s*[:=]\s*)(.+)$/;

/** Lines of a compose file, or of a diff of one, with values that look like secrets hidden. References to variables stay. */
export function hideInYaml(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const [, head, mark, name, sign, value] = ENTRY.exec(line) ?? [];
      if (name === undefined || value === undefined || !isSecretName(name)) return hideInText(line);
      if (/^["']?\$\{?[A-Za-z_][^"'\s]*["']?$/.test(value) || /^[&|>{[]/.test(value)) return line;
      return `${head}${mark}${name}${mark}${sign}${HIDDEN}`;
    })
    .join('\n');
}
