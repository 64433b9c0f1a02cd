import { LABEL } from '../compose/labels.ts';
import type { PruneFacts } from './facts.ts';

/** A label of this name, unless it says `false`, keeps an object from being pruned. */
const PROTECT_LABELS = ['flotilla.protect', 'flotilla.rollback'];

type Labels = Readonly<Record<string, string>> | null | undefined;

/** Why an object is nobody's to prune; undefined when it may go. */
export function protectionOf(
  labels: Labels,
  { projectsOnDisk }: Pick<PruneFacts, 'projectsOnDisk'>,
): string | undefined {
  const label = PROTECT_LABELS.find((name) => labels?.[name] !== undefined && labels[name] !== 'false');
  if (label !== undefined) return `it has the label ${label}`;
  const project = labels?.[LABEL.project];
  return project !== undefined && projectsOnDisk.has(project)
    ? 'it belongs to a compose project whose file is there'
    : undefined;
}
