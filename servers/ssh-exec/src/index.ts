export { sshExec } from './server.ts';
export { processKill } from './tools/process-kill.ts';
export { processList } from './tools/process-list.ts';
export { scriptRun } from './tools/script-run.ts';
export { taskExec } from './tools/task-exec.ts';
export { taskExecInteractive } from './tools/task-exec-interactive.ts';
export { taskExecSequence } from './tools/task-exec-sequence.ts';
