import type { AlertmanagerMessage } from './message.ts';
import { noticeOf } from './render.ts';
import type { MailTarget } from './target.ts';

export interface Mail {
  from: string;
  to: string[];
  subject: string;
  text: string;
  messageId: string;
  headers: Record<string, string>;
}

/** Plain text; the id of the message is the same for every attempt, so that mail servers can drop a repetition. */
export function mailOf(
  target: MailTarget,
  message: AlertmanagerMessage,
  { id, now }: { id: string; now: number },
): Mail {
  const notice = noticeOf(message, now);
  return {
    from: target.from,
    to: target.to,
    subject: notice.title,
    text: `${notice.body}\n`,
    messageId: `<${id}@flotilla>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      References: `<group.${Buffer.from(message.groupKey).toString('hex').slice(0, 60)}@flotilla>`,
      ...(notice.status === 'firing' && notice.severity === 'critical' && { Importance: 'high' }),
    },
  };
}
