type Arguments = Record<string, unknown>;

/** How to call a tool of ssh-exec or sftp so that each of its errors comes. */
export interface ToolCase {
  /** `mark` is the absolute path of what the call makes or takes away on the host. */
  args(alias: string, mark: string): Arguments;
  /** What is there after the call on a host that is well; absent: it leaves nothing. */
  mark?: 'made' | 'gone';
  /** It takes several hosts and answers with a row of each. */
  rows?: true;
  /** A lost connection is tried again, so the failure says how often. */
  retried?: true;
  /** Goes on for longer than its own timeout; `path` is a file that takes long to read. */
  slow?(path: string): Arguments;
  /** A path that is not there. */
  missing?(path: string): Arguments;
  /** A folder where a file must be, or the other way round. */
  otherKind?: { args(folder: string, file: string): Arguments; is: string };
  /** What the login `limited` may not; `path` is out of its reach. */
  forbidden?: { args(path: string): Arguments; code: 'DENIED' | 'UNSUPPORTED' | 'NOT_FOUND' };
  /** A disk that is full while it receives. */
  full?(folder: string): Arguments;
}

const touch = (mark: string): string => `touch '${mark}'`;
const SLOW = 'echo begun; sleep 60';
const sudo = (args: Arguments): ToolCase['forbidden'] => ({
  args: () => ({ ...args, sudo: true }),
  code: 'UNSUPPORTED',
});
const remote = (alias: string, path: string) => ({ source: { type: 'remote', alias, path } });
const transfer = (direction: string, local: string, remotePath: string): Arguments => ({
  direction,
  local,
  remote: remotePath,
});
const several = (direction: string, local: string, remotePath: string): Arguments => ({
  direction,
  files: [{ local, remote: remotePath }],
});

const transferCase = (how: typeof transfer): ToolCase => ({
  args: (alias, mark) => ({ alias, ...how('upload', 'small', mark) }),
  mark: 'made',
  retried: true,
  missing: (path) => ({ alias: 'web1', ...how('download', 'back', path) }),
  forbidden: { args: (path) => ({ alias: 'limited', ...how('upload', 'small', path) }), code: 'DENIED' },
  full: (folder) => ({ alias: 'web1', ...how('upload', 'big', `${folder}/big`) }),
});

export const TOOLS: Record<string, ToolCase> = {
  task_exec: {
    args: (alias, mark) => ({ alias, cmd: touch(mark) }),
    mark: 'made',
    rows: true,
    slow: () => ({ alias: 'web1', cmd: SLOW, timeout: 1 }),
    missing: (cwd) => ({ alias: 'web1', cmd: 'pwd', cwd }),
    forbidden: sudo({ alias: 'limited', cmd: 'true' }),
  },
  task_exec_interactive: {
    args: (alias, mark) => ({ alias, cmd: touch(mark) }),
    mark: 'made',
    slow: () => ({ alias: 'web1', cmd: SLOW, timeout: 1 }),
    missing: (cwd) => ({ alias: 'web1', cmd: 'pwd', cwd }),
    forbidden: sudo({ alias: 'limited', cmd: 'true' }),
  },
  task_exec_sequence: {
    args: (alias, mark) => ({ alias, commands: [touch(mark), 'true'] }),
    mark: 'made',
    rows: true,
    slow: () => ({ alias: 'web1', commands: ['true', SLOW], timeout: 1 }),
    missing: (cwd) => ({ alias: 'web1', commands: ['pwd'], cwd }),
    forbidden: { args: (cwd) => ({ alias: 'limited', commands: ['pwd'], cwd }), code: 'NOT_FOUND' },
  },
  script_run: {
    args: (alias, mark) => ({ alias, script: `#!/bin/sh\n${touch(mark)}\n` }),
    mark: 'made',
    rows: true,
    slow: () => ({ alias: 'web1', script: SLOW, timeout: 1 }),
    missing: (cwd) => ({ alias: 'web1', script: 'pwd', cwd }),
    forbidden: sudo({ alias: 'limited', script: 'true' }),
  },
  process_list: {
    args: (alias) => ({ alias }),
    forbidden: sudo({ alias: 'limited' }),
  },
  process_kill: {
    args: (alias) => ({ alias, pid: 4_194_303, startTime: 1 }),
    missing: () => ({ alias: 'web1', pid: 4_194_303, startTime: 1 }),
    forbidden: sudo({ alias: 'limited', pid: 4_194_303, startTime: 1 }),
  },
  task_transfer: transferCase(transfer),
  task_transfer_multi: transferCase(several),
  file_list: {
    args: (alias) => ({ alias, path: '.' }),
    missing: (path) => ({ alias: 'web1', path }),
    otherKind: { args: (_folder, path) => ({ alias: 'web1', path }), is: 'file' },
    forbidden: { args: (path) => ({ alias: 'limited', path }), code: 'DENIED' },
  },
  file_stat: {
    args: (alias) => ({ alias, path: '.' }),
    missing: (path) => ({ alias: 'web1', path }),
    forbidden: { args: (path) => ({ alias: 'limited', path }), code: 'DENIED' },
  },
  file_read: {
    args: (alias) => remote(alias, 'kept'),
    missing: (path) => remote('web1', path),
    otherKind: { args: (folder) => remote('web1', folder), is: 'directory' },
    forbidden: { args: (path) => remote('limited', path), code: 'DENIED' },
  },
  file_write: {
    args: (alias, mark) => ({ ...remote(alias, mark), content: 'written' }),
    mark: 'made',
    missing: (path) => ({ ...remote('web1', `${path}/none`), content: 'written', createDirs: false }),
    otherKind: { args: (folder) => ({ ...remote('web1', folder), content: 'written' }), is: 'directory' },
    forbidden: { args: (path) => ({ ...remote('limited', path), content: 'written' }), code: 'DENIED' },
  },
  file_remove: {
    args: (alias, mark) => ({ alias, path: mark }),
    mark: 'gone',
    missing: (path) => ({ alias: 'web1', path }),
    otherKind: { args: (path) => ({ alias: 'web1', path }), is: 'folder' },
    forbidden: { args: (path) => ({ alias: 'limited', path }), code: 'DENIED' },
  },
  file_checksum: {
    args: (alias) => ({ alias, path: 'kept' }),
    slow: (path) => ({ alias: 'web1', path, timeout: 1 }),
    missing: (path) => ({ alias: 'web1', path }),
    otherKind: { args: (path) => ({ alias: 'web1', path }), is: 'directory' },
    forbidden: { args: (path) => ({ alias: 'limited', path }), code: 'DENIED' },
  },
};
