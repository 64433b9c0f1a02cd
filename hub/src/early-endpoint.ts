import { createGate } from '@flotilla/admission';
import {
  answerForFailure,
  createRedactor,
  failureOf,
  isFlotillaError,
  type Principal,
  type PublishedTool,
  type ToolEndpoint,
} from '@flotilla/core';
import { clientFilter, type FlotillaConfig } from '@flotilla/core/config';
import { effectOfHints } from './effect-of-hints.ts';
import { INFO } from './info.ts';

/** A hub that answers before it is open: it knows its tools, and calls wait. */
export interface EarlyEndpoint extends ToolEndpoint {
  /** Resolves when a client asked for the tools. */
  readonly listed: Promise<void>;
  /** Resolves when a client called one. */
  readonly called: Promise<void>;
  /** From now on this one answers everything. */
  open(endpoint: ToolEndpoint): void;
  /** Calls that wait, and later ones, fail with this. */
  fail(error: unknown): void;
}

/** The list that was made with the program, less what policy and client lists of the config take away. */
export function earlyEndpoint(
  tools: readonly PublishedTool[],
  { policy, clients }: Pick<FlotillaConfig, 'policy' | 'clients'>,
): EarlyEndpoint {
  const gate = createGate({ policy });
  const offered = clientFilter(clients);
  const admits = (principal: Principal, tool: PublishedTool): boolean =>
    offered(principal, tool.name) &&
    gate(principal, { name: tool.name, lane: '', maxEffect: effectOfHints(tool) }) === undefined;
  const listed = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  const opening = Promise.withResolvers<ToolEndpoint>();
  opening.promise.catch(() => {});
  let opened: ToolEndpoint | undefined;
  return {
    info: INFO,
    listed: listed.promise,
    called: called.promise,
    listTools(principal) {
      listed.resolve();
      return opened?.listTools(principal) ?? tools.filter((tool) => admits(principal, tool));
    },
    async callTool(call) {
      called.resolve();
      let endpoint: ToolEndpoint;
      try {
        endpoint = await opening.promise;
      } catch (error) {
        if (!isFlotillaError(error)) throw error;
        return answerForFailure(failureOf(error), { redactor: createRedactor() });
      }
      return endpoint.callTool(call);
    },
    onToolsChanged(listener) {
      let stop = (): void => {};
      let stopped = false;
      opening.promise.then(
        (endpoint) => {
          if (!stopped) stop = endpoint.onToolsChanged(listener);
        },
        () => {},
      );
      return () => {
        stopped = true;
        stop();
      };
    },
    open(endpoint) {
      opened = endpoint;
      opening.resolve(endpoint);
    },
    fail: (error) => opening.reject(error),
  };
}
