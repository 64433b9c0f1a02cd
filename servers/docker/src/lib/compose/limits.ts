/** A compose file above this size is not read, parsed or changed. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** Cap of the normalised model that compose prints. */
export const MAX_MODEL_BYTES = 8 * 1024 * 1024;
export const MAX_SERVICES = 500;
/** Services, rows or lines that a text answer shows. */
export const MAX_TEXT_ROWS = 60;
/** Aliases of a YAML file times what each stands for; more is a file made to exhaust its reader. */
export const MAX_ALIASES = 10_000;
