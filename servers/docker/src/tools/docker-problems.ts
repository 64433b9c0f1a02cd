import { failedHostText, fenceRemote } from '@flotilla/core';
import { z } from 'zod';
import { defineEngineRead, withoutEngine } from '../lib/engine-read.ts';
import { findProblems } from '../lib/problems/find-problems.ts';
import { byWeight, Problem } from '../lib/problems/problem.ts';

const MAX_TEXT = 60;

export const dockerProblems = defineEngineRead({
  name: 'docker_problems',
  title: 'What is wrong with containers, and why',
  description:
    'Looks at every container of one host or many and says what is wrong and why, the worst first: restart loops, out of memory, unhealthy with the last output of the check, ended with what exit code, cannot start, a full disk of the engine, huge logs, images that are gone. ' +
    'Each with its last error lines and what to do next. ' +
    'Start here when something is broken; example: alias "all".',
  input: {},
  row: { checked: z.number().int(), leftOut: z.number().int(), problems: z.array(Problem) },
  look: (engine, _, context) => findProblems(context.hosts, engine, context.signal),
  summary: (rows) => {
    const [said, lacking] = withoutEngine(rows);
    const found = rows
      .flatMap(({ alias, problems = [] }) => problems.map((problem) => ({ alias, problem })))
      .toSorted((a, b) => byWeight(a.problem, b.problem));
    const checked = rows.reduce((sum, row) => sum + (row.checked ?? 0), 0);
    const well = rows
      .filter((row) => row.state === 'ok' && row.problems?.length === 0)
      .map(({ alias }) => alias);
    const blocks = found.slice(0, MAX_TEXT).map(({ alias, problem }) => {
      const { severity, kind, container, project, what, evidence, next } = problem;
      const who = [project, container].filter(Boolean).join('/');
      return [
        `${severity.toUpperCase()} ${alias} ${who} [${kind}] ${what}`,
        ...evidence.map((line) => `    ${line}`),
        `    -> ${next}`,
      ].join('\n');
    });
    return [
      `${found.length} problems, ${checked} containers on ${rows.length} hosts looked at${found.length > MAX_TEXT ? `; the worst ${MAX_TEXT} shown` : ''}`,
      ...(blocks.length > 0 ? [fenceRemote(blocks.join('\n'), 'findings')] : []),
      ...(well.length > 0 ? [`Nothing wrong: ${well.slice(0, 50).join(', ')}`] : []),
      ...said.filter((row) => row.state !== 'ok').map((row) => failedHostText(row)),
      ...lacking,
      ...rows
        .filter((row) => (row.leftOut ?? 0) > 0)
        .map((row) => `${row.alias}: ${row.leftOut} containers were too many to look at`),
    ].join('\n');
  },
});
