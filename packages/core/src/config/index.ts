export { clientFilter, matchesGlob } from './clients.ts';
export { prepareDataDir } from './data-dir.ts';
export { type LoadOptions, loadConfig } from './load.ts';
export { type ReferenceSources, resolveAll, resolveReferences } from './references.ts';
export { configJsonSchema } from './schema.ts';
export type { ClientRule, FlotillaConfig, Mount } from './types.ts';
