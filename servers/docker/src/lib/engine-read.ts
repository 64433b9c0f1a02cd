import {
  defineTool,
  type FailedHostRow,
  fanOutArguments,
  HostTarget,
  hostRowSchema,
  hostRows,
  type InlineTool,
  rowsText,
  type Target,
  type ToolContext,
} from '@flotilla/core';
import { z } from 'zod';
import { type Engine, withEngine } from './engine/index.ts';

type Shape = z.ZodRawShape;
type Of<S extends Shape> = z.output<z.ZodObject<S>>;
type Row = Pick<FailedHostRow, 'alias' | 'error'> & { state: string };

export type EngineRead<I extends Shape, S extends Shape> = Looking<I, S> & (OfEach<S> | OfAll<S>);

interface Looking<I extends Shape, S extends Shape> {
  name: string;
  title: string;
  description: string;
  /** Besides alias and the arguments of a fan-out. */
  input: I;
  /** What a host answers. */
  row: S;
  look(engine: Engine, input: Of<I>, context: ToolContext): Promise<Of<S>>;
}

interface OfEach<S extends Shape> {
  /** Of one host that answered. */
  text(row: Of<S> & { alias: string }): string;
  summary?: undefined;
}

interface OfAll<S extends Shape> {
  /** Of the whole answer, with what `withoutEngine` says. */
  summary(rows: readonly (Row & Partial<Of<S>>)[]): string;
  text?: undefined;
}

/** A tool that reads the engine of one host or many, a row each. */
export function defineEngineRead<I extends Shape, S extends Shape>(tool: EngineRead<I, S>): InlineTool {
  const { name, title, description, input, row, look } = tool;
  return defineTool({
    name,
    title,
    description,
    effect: 'read',
    input: z.object({ alias: HostTarget, ...input, ...fanOutArguments }) as z.ZodObject,
    output: z.object({ rows: z.array(hostRowSchema(row)) }) as z.ZodObject,
    isError: ({ rows }) => engineFailed(rows as Row[]),
    run: async (context, args) => {
      const work = (alias: string) =>
        withEngine(context, alias, (engine) => look(engine, args as Of<I>, context));
      return { rows: await hostRows(context, args as { alias: Target }, work) };
    },
    text: (output) => {
      const rows = output['rows'] as (Row & Partial<Of<S>>)[];
      return tool.summary ? tool.summary(rows) : engineRowsText(rows, tool.text);
    },
  });
}

const lacksIt = ({ error }: Row): boolean => error?.code === 'UNSUPPORTED';

/** A host that has no engine is no failure among hosts that have one. */
const engineFailed = (rows: readonly Row[]): boolean =>
  rows.some((row) => row.state !== 'ok' && !lacksIt(row)) || rows.every(({ state }) => state !== 'ok');

/** Every host that has an engine, then in one line those that have none. */
function engineRowsText<T>(rows: readonly Row[], text: (row: T & { alias: string }) => string): string {
  const [said, lacking] = withoutEngine(rows);
  return [rowsText<T>(said, text), ...lacking].filter((part) => part !== '').join('\n');
}

/** The rows to tell of, and a line about those that have no engine, where others have one. */
export function withoutEngine<R extends Row>(rows: readonly R[]): [said: R[], lacking: string[]] {
  const lacking = rows.filter(lacksIt);
  if (lacking.length < 2) return [[...rows], []];
  const names = lacking.slice(0, 50).map(({ alias }) => alias);
  const more = lacking.length - names.length;
  const [first] = lacking;
  return [
    rows.filter((row) => !lacksIt(row)),
    [
      `No engine for this on ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}. ${first?.error?.hint ?? ''}`,
    ],
  ];
}
