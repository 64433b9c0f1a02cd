import type { ServerDefinition, ServiceHost } from '@flotilla/core';
import type { BoundPage } from '@flotilla/core/mcp';

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
