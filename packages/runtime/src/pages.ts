import type { ServerDefinition, ServiceHost } from '@flotilla/core';
import type { BoundHook, BoundPage } from '@flotilla/core/mcp';

/** The pages of servers for the HTTP front door. */
export const boundPages = (
  servers: readonly ServerDefinition[],
  hostOf: (name: string) => ServiceHost,
): BoundPage[] =>
  servers.flatMap(({ name, pages = [] }) =>
    pages.map(({ path, render, receive, maxBodyBytes }) => ({
      path,
      render: render && (() => render(hostOf(name))),
      receive: receive && ((body: unknown) => receive(hostOf(name), body)),
      maxBodyBytes,
    })),
  );

/** The paths of the servers that check by themselves who calls. */
export const boundHooks = (
  servers: readonly ServerDefinition[],
  hostOf: (name: string) => ServiceHost,
): BoundHook[] =>
  servers.flatMap(({ name, hooks = [] }) =>
    hooks.map(({ path, receive, maxBodyBytes }) => ({
      path,
      hook: (request) => receive(hostOf(name), request),
      maxBodyBytes,
    })),
  );
