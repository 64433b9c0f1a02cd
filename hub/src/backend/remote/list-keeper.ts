import type { Logger } from '@flotilla/core';
import type { Connection } from './connection.ts';
import { describeFailure } from './failures.ts';
import { fetchTools, type ToolList } from './tool-list.ts';

const MAX_ISSUES = 20;

export interface ListKeeperOptions {
  log: Logger;
  /** Limits the reading of one list. */
  limited: () => AbortSignal;
  onChange: () => void;
}

/** The last known tool list of a mount: read at connecting, and again when the server says that it changed. */
export class ListKeeper {
  list: ToolList = { tools: [], issues: [] };
  readonly #options: ListKeeperOptions;
  #connection: Connection | undefined;
  #reading = false;
  #changed = false;

  constructor(options: ListKeeperOptions) {
    this.#options = options;
  }

  /** Reads the list of a new connection. Rejects when there is none that can be trusted. */
  async read(connection: Connection): Promise<void> {
    this.#connection = undefined;
    this.#changed = false;
    this.list = await fetchTools(connection, this.#options.limited());
    this.#connection = connection;
    if (this.#changed) void this.refresh();
  }

  /** A change that cannot be read leaves the list as it is and becomes an issue. */
  async refresh(): Promise<void> {
    this.#changed = true;
    if (this.#reading || !this.#connection) return;
    this.#reading = true;
    while (this.#changed) {
      this.#changed = false;
      await this.#readAgain(this.#connection);
      this.#options.onChange();
    }
    this.#reading = false;
  }

  async #readAgain(connection: Connection): Promise<void> {
    try {
      this.list = await fetchTools(connection, this.#options.limited());
    } catch (error) {
      const { cause } = describeFailure(error);
      const issue = `Its changed list could not be read: ${cause}`;
      this.list = { tools: this.list.tools, issues: [...this.list.issues, issue].slice(-MAX_ISSUES) };
      this.#options.log.warn({ cause }, 'the changed tool list could not be read');
    }
  }
}
