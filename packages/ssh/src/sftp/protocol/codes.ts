/** SFTP version 3: draft-ietf-secsh-filexfer-02, with OpenSSH's extensions (PROTOCOL, section 4). */
export const FXP = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  SETSTAT: 9,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  READLINK: 19,
  SYMLINK: 20,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
  EXTENDED: 200,
  EXTENDED_REPLY: 201,
} as const;

export const STATUS = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  NO_CONNECTION: 6,
  CONNECTION_LOST: 7,
  OP_UNSUPPORTED: 8,
} as const;

export const OPEN = { READ: 1, WRITE: 2, APPEND: 4, CREATE: 8, TRUNCATE: 16, EXCLUSIVE: 32 } as const;

/** The server's answer to one request, other than OK and EOF. `remoteMessage` is its own text: never trusted. */
export class SftpStatusError extends Error {
  readonly status: number;
  readonly remoteMessage: string;

  constructor(status: number, remoteMessage: string) {
    super(`SFTP status ${status}`);
    this.name = 'SftpStatusError';
    this.status = status;
    this.remoteMessage = remoteMessage;
  }
}

/** The channel is gone: nothing more can be asked on this session. */
export class SftpClosedError extends Error {
  constructor(reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.name = 'SftpClosedError';
  }
}
