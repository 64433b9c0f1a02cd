/** Lines that differ, with what surrounds them: `-` old, `+` new. Both texts share their beginning and their end. */
export function lineDiff(before: string, after: string, context = 2): string[] {
  const old = before === '' ? [] : before.trimEnd().split('\n');
  const fresh = after.trimEnd().split('\n');
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < fresh.length - head &&
    old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]
  )
    tail += 1;
  return [
    ...old.slice(Math.max(0, head - context), head).map((line) => `  ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `- ${line}`),
    ...fresh.slice(head, fresh.length - tail).map((line) => `+ ${line}`),
    ...old.slice(old.length - tail, old.length - tail + context).map((line) => `  ${line}`),
  ];
}
