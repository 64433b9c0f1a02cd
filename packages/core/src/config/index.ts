export { clientFilter } from './clients.ts';
export { prepareDataDir } from './data-dir.ts';
export { globMatcher } from './globs.ts';
export { type LoadOptions, loadConfig } from './load.ts';
export { type ReferenceSources, resolveAll } from './references.ts';
export { configJsonSchema } from './schema.ts';
export type { ClientRule, FlotillaConfig, Mount } from './types.ts';
