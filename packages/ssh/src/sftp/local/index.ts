export { type LocalContent, readLocal, sha256, writeLocal } from './local-file.ts';
