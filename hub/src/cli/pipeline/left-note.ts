/** What a person does with a pipeline that was left to itself. */
export const leftNote = (id: string): string =>
  [
    `Detached: ${id} goes on as long as some Flotilla process runs, and is taken up by the next one.`,
    `  see it     flotilla pipeline watch ${id}`,
    `  stop it    flotilla task cancel ${id}`,
  ].join('\n');
