import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startDaemon, tempDir, whyNoProgram } from '@flotilla/testkit';

export const noAlertmanager = whyNoProgram('prometheus-alertmanager', 'prometheus-alertmanager');

export interface Alertmanager {
  port: number;
  /** What its API v2 lists. */
  alerts(): Promise<{ labels: Record<string, string>; fingerprint: string; status: { state: string } }[]>;
  post(alerts: readonly unknown[]): Promise<number>;
  stop(): Promise<void>;
}

/** A real Alertmanager on loopback that posts to a webhook with a bearer token, at once. */
export async function startAlertmanager(webhook: { url: string; token: string }): Promise<Alertmanager> {
  const folder = tempDir('flotilla-alertmanager-');
  const port = await freePort();
  const config = join(folder.path, 'alertmanager.yml');
  writeFileSync(
    config,
    `route: { receiver: flotilla, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
- name: flotilla
  webhook_configs:
  - url: ${webhook.url}
    send_resolved: true
    http_config: { authorization: { credentials: ${webhook.token} } }
`,
  );
  const base = `http://127.0.0.1:${port}`;
  const daemon = await startDaemon({
    command: [
      ...['prometheus-alertmanager', `--config.file=${config}`, `--storage.path=${folder.path}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='],
    ],
    logPath: join(folder.path, 'log'),
    ready: () =>
      fetch(`${base}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  return {
    port,
    alerts: async () => (await (await fetch(`${base}/api/v2/alerts`)).json()) as never,
    post: async (alerts) =>
      (
        await fetch(`${base}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(alerts),
        })
      ).status,
    stop: async () => {
      await daemon.stop();
      folder.remove();
    },
  };
}
