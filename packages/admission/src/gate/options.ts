import type { GateTool, Principal } from '@flotilla/core';

/** The part of the config that decides who may do what. */
export interface Policy {
  /** Only tools that look and never change anything. */
  readonly: boolean;
  /** Globs of tool names that nobody may call. */
  denyTools: readonly string[];
  /** Regular expressions over command text; a guard rail against mistakes, not a sandbox. */
  commandDeny: readonly string[];
}

export interface HostGuard {
  alias: string;
  readonly?: boolean;
  protected?: boolean;
}

export interface GateOptions {
  policy: Policy;
  /**
   * The hosts meant by words as tools take them (`web1`, `group:x`, `all`); unknown words give nothing, the tool will
   * say so itself. Absent: no host has guards.
   */
  hosts?: (words: readonly string[]) => readonly HostGuard[];
}

/** A person at a terminal: nobody else can confirm. */
export const isPerson = (principal: Principal): boolean => principal.kind === 'cli';

/** Tools of this lane change Flotilla's own books, not the hosts they name. */
export const changesHosts = (tool: GateTool): boolean => tool.lane !== 'fleet';
