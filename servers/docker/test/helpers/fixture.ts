import { readFileSync } from 'node:fs';

const path = (name: string): URL => new URL(`../fixtures/engine/${name}`, import.meta.url);

/** Answers of real engines, taken once. */
export const fixtureText = (name: string): string => readFileSync(path(name), 'utf8');
export const fixtureBytes = (name: string): Buffer => readFileSync(path(name));
export const fixtureJson = (name: string): unknown => JSON.parse(fixtureText(name));

export const ENGINES = ['docker-20.10', 'podman-4.3'] as const;
