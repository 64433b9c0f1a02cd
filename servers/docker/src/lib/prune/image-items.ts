import { isRollbackTag } from '../update/rollback-image.ts';
import { type PruneFacts, plainId } from './facts.ts';
import { protectionOf } from './protection.ts';
import type { Found, PruneItem, PruneOptions } from './prune-plan.ts';

type Image = PruneFacts['images'][number];

const tagsOf = ({ RepoTags }: Image): string[] => (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
const shortName = (image: Image): string => tagsOf(image)[0] ?? image.Id.replace(/^sha256:/, '').slice(0, 12);

/**
 * Images without a tag, and with `unusedImages` those that no container uses. What any container uses stays, also a
 * stopped one that this very plan removes: the next plan has it.
 */
export function imageItems(facts: PruneFacts, options: PruneOptions): Found {
  const used = new Set(facts.containers.map(({ ImageID }) => plainId(ImageID)));
  const expired = expiredRollbacks(facts, options);
  const found: Found = { items: [], kept: [] };
  for (const image of facts.images) {
    const tags = tagsOf(image);
    const dangling = tags.length === 0;
    const rollback = tags.some(isRollbackTag);
    if (!dangling && !rollback && !options.unusedImages) continue;
    const reason = keepReason(image, facts, options, {
      used: used.has(plainId(image.Id)),
      rollback: rollback && !expired.has(image.Id),
    });
    if (reason !== undefined) found.kept.push({ kind: 'image', name: shortName(image), reason });
    else found.items.push(...itemsOf(image, tags, rollback));
  }
  return found;
}

function keepReason(
  image: Image,
  facts: PruneFacts,
  { before }: PruneOptions,
  state: { used: boolean; rollback: boolean },
): string | undefined {
  if (state.rollback) return 'it is kept for a rollback';
  if (state.used) return 'a container uses it';
  return (
    protectionOf(image.Labels, facts) ??
    (image.Created * 1000 > before ? 'it was made only lately' : undefined)
  );
}

/** One item per tag, in full: a bare word could be the beginning of an id. The image goes with the last one. */
function itemsOf(image: Image, tags: readonly string[], rollback: boolean): PruneItem[] {
  const bytes = Math.max(0, (image.Size ?? 0) - Math.max(0, image.SharedSize ?? 0));
  const reason = rollback
    ? 'an older rollback image'
    : tags.length === 0
      ? 'without a tag'
      : 'no container uses it';
  const item = (target: string, own: number): PruneItem => ({
    kind: 'image',
    target,
    name: shortName(image),
    bytes: own,
    reason,
  });
  if (tags.length === 0) return [item(image.Id, bytes)];
  return tags.map((tag, at) => ({ ...item(tag, at === tags.length - 1 ? bytes : 0), name: tag }));
}

/** Images that have only rollback tags, of which each container has enough newer ones. */
function expiredRollbacks({ images }: PruneFacts, { keepRollback }: PruneOptions): Set<string> {
  if (keepRollback === undefined) return new Set();
  const only = images.filter((image) => tagsOf(image).length > 0 && tagsOf(image).every(isRollbackTag));
  const repo = (tag: string): string => tag.slice(0, tag.lastIndexOf(':'));
  const kept = new Set<string>();
  const repos = new Set(only.flatMap(tagsOf).map(repo));
  for (const name of repos) {
    const own = only.filter((image) => tagsOf(image).some((tag) => repo(tag) === name));
    own.sort((a, b) => b.Created - a.Created || a.Id.localeCompare(b.Id));
    for (const { Id } of own.slice(0, keepRollback)) kept.add(Id);
  }
  return new Set(only.map(({ Id }) => Id).filter((id) => !kept.has(id)));
}
