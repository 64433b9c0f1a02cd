import type { ContainerName } from './parse-containers.ts';
import type { Container, Reading } from './reading.ts';

/** After this the engines are asked again for names that they did not tell: rights may have changed. */
const ASK_AGAIN_MS = 10 * 60_000;

/** What the sampler remembers of a host from one look to the next. */
export class HostMemory {
  before: Reading | undefined;
  #names = new Map<string, ContainerName>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #unknown = false;

  /** `reading`: the last one that a process before this one has kept. */
  constructor(reading?: Reading) {
    this.before = reading;
    for (const container of reading?.containers ?? []) if (container.name) this.#remember(container);
  }

  /** Is the next look to ask for names? */
  asksNames(now: number): boolean {
    return this.#unknown && now - this.#askedAt >= ASK_AGAIN_MS;
  }

  /** The look with the names that are known. A container that is new is left out until its name was asked for. */
  named(reading: Reading, asked: boolean, now: number): Reading {
    for (const container of reading.containers) if (container.name) this.#remember(container);
    const known = (id: string): boolean => this.#names.has(id);
    if (asked) {
      this.#askedAt = now;
      for (const { id } of reading.containers) if (!known(id)) this.#names.set(id, { id });
    }
    const fresh = reading.containers.some(({ id }) => !known(id));
    if (fresh) this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#unknown = fresh || reading.containers.some(({ id }) => this.#names.get(id)?.name === undefined);
    const containers = reading.containers
      .filter(({ id }) => known(id))
      .map((container) => ({ ...this.#names.get(container.id), ...container }));
    const present = new Set(reading.containers.map(({ id }) => id));
    this.#names = new Map([...this.#names].filter(([id]) => present.has(id)));
    return { ...reading, containers };
  }

  #remember({ id, name, project, service }: Container): void {
    this.#names.set(id, {
      id,
      ...(name && { name }),
      ...(project && { project }),
      ...(service && { service }),
    });
  }
}
