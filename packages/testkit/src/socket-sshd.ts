import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { type SshdOptions, startSshd, type TestSshd } from './sshd.ts';
import { createUser, whyNoUsers } from './system-user.ts';

/** What the login of a host may do with the docker socket there. */
export type SocketRights = 'group' | 'sudo' | 'none';

/** Why no user with or without rights on a socket can be made here; undefined when it can. */
export function whyNoSocketUsers(): string | undefined {
  return (
    whyNoUsers() ??
    (existsSync('/usr/bin/sudo') && existsSync('/etc/sudoers.d')
      ? undefined
      : 'sudo is missing (apt-get install sudo)')
  );
}

/**
 * A host whose login is a new user: in the group `docker` (that of the socket), without it but with `sudo -n` for
 * everything, or with neither.
 */
export async function startSocketSshd(
  rights: SocketRights,
  options: Omit<SshdOptions, 'user'> = {},
): Promise<TestSshd> {
  const user = createUser(rights === 'group' ? { groups: ['docker'] } : {});
  const rule = `/etc/sudoers.d/${user.name}`;
  const remove = (): void => {
    rmSync(rule, { force: true });
    user.remove();
  };
  try {
    if (rights === 'sudo') writeFileSync(rule, `${user.name} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
    const sshd = await startSshd({ ...options, user: user.name });
    const { stop } = sshd;
    return Object.assign(sshd, {
      home: user.home,
      stop: async () => {
        await stop();
        remove();
      },
    });
  } catch (error) {
    remove();
    throw error;
  }
}
