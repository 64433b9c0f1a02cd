import { z } from 'zod';
import { isoTime, shortId, shown } from '../text.ts';

const Event = z.looseObject({
  Type: z.string().nullish(),
  Action: z.string().nullish(),
  status: z.string().nullish(),
  time: z.number().nullish(),
  timeNano: z.number().nullish(),
  Actor: z
    .looseObject({ ID: z.string().nullish(), Attributes: z.record(z.string(), z.string()).nullish() })
    .nullish(),
  id: z.string().nullish(),
});

export const EventRow = z.object({
  time: z.string(),
  type: z.string(),
  action: z.string(),
  name: z.string(),
  id: z.string(),
  detail: z.string().optional(),
});
export type EventRow = z.infer<typeof EventRow>;

/** What a health check does all the time. */
const NOISE = /^exec_(?:create|start|die|detach)/;

/** Attributes that say something about what happened. */
const TELLING = ['exitCode', 'signal', 'image', 'container', 'oldName', 'execDuration'];

/** One line of `GET /events`; undefined for noise and for what is no event. */
export function parseEvent(line: string): EventRow | undefined {
  if (line.trim() === '' || line.length > 1_000_000) return undefined;
  let event: z.infer<typeof Event>;
  try {
    event = Event.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
  const action = event.Action ?? event.status ?? '';
  if (NOISE.test(action)) return undefined;
  const attributes = event.Actor?.Attributes ?? {};
  const id = event.Actor?.ID ?? event.id ?? '';
  const type = event.Type ?? 'container';
  const detail = TELLING.flatMap((key) => (attributes[key] ? [`${key} ${attributes[key]}`] : [])).join(', ');
  return shown(
    {
      time: isoTime(event.time) ?? '',
      type,
      action,
      name: attributes['name'] ?? (type === 'image' ? id : shortId(id)),
      id: type === 'image' || type === 'volume' || type === 'network' ? id.slice(0, 71) : shortId(id),
      ...(detail !== '' && { detail }),
    },
    500,
  );
}

/** The newest `limit` events of a text of one JSON object per line. */
export function parseEvents(text: string, limit: number): { events: EventRow[]; total: number } {
  const all = text.split('\n').flatMap((line) => parseEvent(line) ?? []);
  return { events: all.slice(-limit), total: all.length };
}
