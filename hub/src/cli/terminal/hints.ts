/** Tools that failures and run handles point to, and the command that does the same for a person. */
const COMMANDS: Record<string, string> = {
  server_add: 'host add',
  server_list: 'host list',
  server_remove: 'host remove',
  server_test: 'host test',
  server_import: 'host import',
  server_group_list: 'group list',
  server_group_set: 'group set',
  server_group_remove: 'group remove',
  task_queue: 'task list',
  task_history: 'task list --ended',
  task_status: 'task show',
  task_wait: 'task wait',
  task_output: 'task output',
  task_cancel: 'task cancel',
  task_answer: 'task answer',
  task_retry: 'task retry',
  task_logs: 'logs',
  pipeline_list: 'pipeline list',
  pipeline_plan: 'pipeline plan',
  pipeline_run: 'pipeline run',
  pipeline_show: 'pipeline show',
  schedule_add: 'schedule add',
  schedule_list: 'schedule show',
  schedule_remove: 'schedule remove',
  schedule_run: 'schedule run',
  system_diagnostics: 'doctor',
  audit_search: 'audit search',
};

const CALL = /\b([a-z]+(?:_[a-z]+)+)\b( ?\{[^{}]*\})?/g;

/** `{"id":"run_…"}` as the operand of a command; other arguments are left out. */
function operand(args: string | undefined): string {
  const [, value] = /"(?:id|alias|name)":\s*"([^"]+)"/.exec(args ?? '') ?? [];
  return value === undefined ? '' : ` ${value}`;
}

/** A hint written for an assistant, with commands in place of tools. */
export const forPeople = (hint: string): string =>
  hint.replace(CALL, (all, tool: string, args: string | undefined) => {
    const command = Object.hasOwn(COMMANDS, tool) ? COMMANDS[tool] : undefined;
    return command === undefined ? all : `flotilla ${command}${operand(args)}`;
  });
