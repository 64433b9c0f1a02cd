export type * from './links.ts';
