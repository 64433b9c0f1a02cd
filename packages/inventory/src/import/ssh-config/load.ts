import { isAbsolute, join } from 'node:path';
import { FlotillaError, isFlotillaError } from '@flotilla/core';
import type { ImportFiles, ImportRemark } from '../plan.ts';
import { type Directive, lex } from './lex.ts';

const DEEPEST = 16;

export interface LoadedConfig {
  directives: Directive[];
  warnings: ImportRemark[];
}

/** Reads a config file and everything that it includes. NOT_FOUND when the file itself is missing. */
export function loadConfig(file: string, files: ImportFiles): LoadedConfig {
  const text = files.read(file);
  if (text === undefined) {
    throw new FlotillaError('NOT_FOUND', `There is no file ${file}.`, { details: { file } });
  }
  const warnings: ImportRemark[] = [];
  return {
    directives: expand(text, file, { files, warnings, base: join(files.homedir, '.ssh'), depth: 0 }),
    warnings,
  };
}

interface Context {
  files: ImportFiles;
  warnings: ImportRemark[];
  /** Folder that relative names are in, whichever file includes them. */
  base: string;
  depth: number;
}

function expand(text: string, file: string, context: Context): Directive[] {
  const { directives, problems } = lex(text, file);
  for (const problem of problems) {
    context.warnings.push({
      where: `${problem.file}:${problem.line}`,
      what: `Line left out: ${problem.what}.`,
    });
  }
  return directives.map((directive) =>
    directive.keyword === 'include' ? { ...directive, included: include(directive, context) } : directive,
  );
}

function include(directive: Directive, context: Context): Directive[][] {
  const { files, warnings, base, depth } = context;
  const where = `${directive.file}:${directive.line}`;
  if (depth >= DEEPEST) {
    warnings.push({ where, what: `Include left out: more than ${DEEPEST} levels.` });
    return [];
  }
  return directive.args.flatMap((argument) => {
    const path = argument.replace(/^~(?=\/)/, files.homedir);
    return files.glob(isAbsolute(path) ? path : join(base, path)).flatMap((file) => {
      const text = readIncluded(file, context);
      return text === undefined ? [] : [expand(text, file, { ...context, depth: depth + 1 })];
    });
  });
}

/** What a glob found may be a folder or unreadable: that must not cost the rest of the config. */
function readIncluded(file: string, { files, warnings }: Context): string | undefined {
  try {
    return files.read(file);
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    warnings.push({ where: file, what: 'Included file left out: it cannot be read.' });
    return undefined;
  }
}
