type Arguments = Record<string, unknown>;

/** How a tool of docker, monitoring or the fleet is called, and where its answer says that a host cannot be used. */
export interface HubCase {
  args(alias: string): Arguments;
  /** The whole answer fails, each host has a row with its failure, or the tool asks no host. */
  tells: 'error' | 'row' | 'nothing';
  /** A failed host is what such a tool is there to find: the answer itself is no failure. */
  isAnswer?: true;
}

const all = (tells: HubCase['tells'], names: string, more: Arguments = {}): Record<string, HubCase> =>
  Object.fromEntries(
    names.split(' ').map((name) => [name, { args: (alias: string) => ({ alias, ...more }), tells }]),
  );

const WEB = { container: 'web' };
const IMAGE = { image: 'app:1' };
const SHOP = { project: 'shop' };

const DOCKER = {
  ...all('row', 'docker_problems docker_list docker_stats docker_df'),
  ...all('row', 'image_list image_updates compose_list compose_diff network_list volume_list pod_list'),
  ...all('error', 'docker_events'),
  ...all('error', 'docker_prune', { dryRun: true }),
  ...all(
    'error',
    'docker_inspect get_docker_logs docker_start docker_stop docker_restart docker_remove',
    WEB,
  ),
  ...all('error', 'docker_exec', { ...WEB, cmd: 'true' }),
  ...all('error', 'docker_update', { ...WEB, cpus: 1 }),
  ...all('error', 'image_update', WEB),
  ...all('error', 'docker_run image_history image_pull image_push image_remove', IMAGE),
  ...all('error', 'image_tag', { ...IMAGE, tag: 'app:2' }),
  ...all('error', 'image_build', { context: '/srv/app', tag: 'app:1' }),
  ...all('error', 'compose_config compose_down compose_logs compose_pull compose_restart compose_up', SHOP),
  ...all('error', 'compose_edit', { ...SHOP, set: [{ path: ['services', 'web', 'image'], value: 'app:2' }] }),
  ...all('error', 'compose_scaffold', {
    ...SHOP,
    folder: '/srv/shop',
    services: [{ name: 'web', image: 'app:1' }],
  }),
  ...all('error', 'network_create network_inspect network_remove', { network: 'inner' }),
  ...all('error', 'volume_create volume_inspect volume_remove', { volume: 'data' }),
  ...all('error', 'pod_inspect pod_start pod_stop', { pod: 'web' }),
};

const MONITORING = {
  ...all('row', 'get_system_resources get_services_status log_search log_digest port_list'),
  ...all('error', 'get_pm2_logs'),
  ...all('error', 'tail_file', { filepath: '/etc/hostname' }),
  ...all('error', 'check_api_health', { url: 'http://127.0.0.1:9/' }),
  api_check: { args: (alias: string) => ({ alias: 'api1', server_alias: alias }), tells: 'error' },
  ...all(
    'nothing',
    'container_advice anomaly_list metrics_forecast metrics_query alert_list report_generate',
  ),
  ...all('nothing', 'metrics_chart', { names: ['cpu_percent'] }),
  ...all('nothing', 'alert_silence', { duration: '1h', comment: 'work' }),
} satisfies Record<string, HubCase>;

const FLEET = {
  ...all('row', 'server_test', { timeout_s: 5 }),
  fleet_status: { args: (alias: string) => ({ alias, timeout_s: 5 }), tells: 'row', isAnswer: true },
  ...all('nothing', 'server_remove'),
  server_group_set: { args: (alias: string) => ({ name: 'some', aliases: [alias] }), tells: 'nothing' },
} satisfies Record<string, HubCase>;

export const HUB_TOOLS: Record<string, HubCase> = { ...DOCKER, ...MONITORING, ...FLEET };

/** Tools whose `alias` is something else than a host to work on. */
export const NO_HOST: Record<string, string> = {
  server_add: 'the new name',
  api_add: 'the name of an API',
  api_remove: 'the name of an API',
  task_output: 'picks a host of a run',
  task_answer: 'picks a host of a run',
  task_history: 'searches in what was',
  audit_search: 'searches in what was',
};

/** Whether an argument anywhere in the schema names hosts. */
export function takesHosts(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const properties = (schema as { properties?: object }).properties ?? {};
  return (
    Object.keys(properties).some((name) => /(^|_)alias(es)?$|^hosts$/.test(name)) ||
    Object.values(schema).some(takesHosts)
  );
}
