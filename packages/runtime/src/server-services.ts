import { createCommandRule } from '@flotilla/admission';
import {
  type AuditReader,
  FlotillaError,
  type Logger,
  type ServerDefinition,
  type Service,
  type ServiceHost,
  type ToolCalls,
  type ToolSettings,
} from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import type { Services } from './services.ts';
import { fillIn } from './vault-references.ts';

/** The services of one server in this process. */
export interface ServerServices {
  host: ServiceHost;
  close(): Promise<void>;
}

/** What the services of a server are made from; a worker has no more than this. */
export type ServerParts = Pick<Services, 'hosts' | 'store' | 'cipher' | 'redactor' | 'secrets'> & {
  audit: AuditReader;
};

/** Opens what the tools of a server share, when it is first used, and closes it in reverse order. */
export function serverServices(
  server: ServerDefinition,
  parts: {
    services: ServerParts;
    settings: ToolSettings;
    config: FlotillaConfig;
    log: Logger;
    calls: ToolCalls;
    /** Absent: this process calls no tools later on. */
    refusesCall?: ServiceHost['refusesCall'];
    longLived?: boolean;
  },
): ServerServices {
  const { services, settings } = parts;
  const log = parts.log.child({ server: server.name });
  const opened = new Map<Service<unknown>, Promise<unknown>>();
  let closed = false;
  const host: ServiceHost = {
    hosts: services.hosts,
    settings,
    log,
    state: services.store,
    cipher: services.cipher,
    redactor: services.redactor,
    audit: services.audit,
    namedSecret: (name) => {
      const value = services.secrets.get(name);
      services.redactor.add(value);
      return value;
    },
    calls: parts.calls,
    refusesCall: parts.refusesCall ?? (() => undefined),
    refusesCommand: createCommandRule(parts.config.policy),
    config: ownConfig(server, parts.config, services),
    longLived: parts.longLived ?? false,
    use<T>(service: Service<T>): Promise<T> {
      if (closed) return Promise.reject(new FlotillaError('CANCELLED', 'This process is ending.'));
      const known = opened.get(service as Service<unknown>) as Promise<T> | undefined;
      if (known !== undefined) return known;
      const opening = Promise.resolve().then(() => service.open(host));
      opened.set(service as Service<unknown>, opening);
      opening.catch(() => opened.delete(service as Service<unknown>));
      return opening;
    },
  };
  return {
    host,
    async close() {
      closed = true;
      for (const [service, opening] of [...opened].reverse()) {
        await opening
          .then((value) => service.close?.(value))
          .catch((error: unknown) =>
            log.warn({ err: error, service: service.name }, 'a service did not close well'),
          );
      }
    },
  };
}

function ownConfig(
  server: ServerDefinition,
  config: FlotillaConfig,
  services: ServerParts,
): Readonly<Record<string, unknown>> {
  const given = fillIn(config.servers[server.name], `servers.${server.name}`, services);
  if (!server.config) {
    if (given === undefined) return {};
    throw new FlotillaError('INVALID_INPUT', `The server ${server.name} has nothing to configure.`, {
      details: { file: config.configFile, key: `servers.${server.name}` },
      hint: `Remove servers.${server.name} from the config file.`,
    });
  }
  const parsed = server.config.strict().safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = ['servers', server.name, ...(issue?.path ?? [])].join('.');
  throw new FlotillaError('INVALID_INPUT', `The config has a wrong value at ${key}: ${issue?.message}.`, {
    details: { file: config.configFile, key },
    hint: `It may hold: ${Object.keys(server.config.shape).join(', ')}.`,
  });
}
