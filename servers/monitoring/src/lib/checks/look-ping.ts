import { execFile } from 'node:child_process';
import { FlotillaError, type Hosts } from '@flotilla/core';
import { quote } from '@flotilla/ssh';
import { bounded } from '../host/numbers.ts';
import { PRELUDE } from '../host/read-host.ts';
import type { AddressPolicy } from '../probe/address-policy.ts';
import { permittedAddresses } from '../probe/dial.ts';
import { ProbeFailure } from '../probe/failure.ts';

const MISSING = 97;

/** Round trip in ms; ProbeFailure when nothing comes back, UNSUPPORTED where ping is missing or not allowed. */
export async function pingFromHub(
  host: string,
  policy: AddressPolicy,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number> {
  const [address = ''] = await permittedAddresses(host, policy);
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const { code, stdout } = await new Promise<{ code: number; stdout: string }>((resolve) => {
    const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' };
    const options = { env, signal, timeout: timeoutMs + 2000, maxBuffer: 65_536 };
    execFile('ping', ['-n', '-c', '1', '-W', seconds, '--', address], options, (error, out) => {
      const exit = error && 'code' in error ? error.code : 0;
      resolve({ code: exit === 'ENOENT' ? MISSING : typeof exit === 'number' ? exit : 1, stdout: out });
    });
  });
  return roundTrip(code, stdout, 'the hub');
}

export async function pingFromHost(
  hosts: Hosts,
  alias: string,
  host: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number> {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const script = `${PRELUDE}\ncommand -v ping >/dev/null 2>&1 || exit ${MISSING}\nexec ping -n -c 1 -W ${seconds} -- ${quote(host)} 2>&1`;
  const { exitCode, stdout } = await hosts.shell(alias, script, {
    timeoutMs: timeoutMs + 5000,
    signal,
    maxBytes: 65_536,
  });
  return roundTrip(exitCode ?? 1, stdout, alias);
}

function roundTrip(code: number, output: string, where: string): number {
  const ms = bounded(/time[=<]\s?(\d+(?:\.\d+)?) ?ms/.exec(output)?.[1], 0, 1e6);
  if (code === 0 && ms !== undefined) return ms;
  if (code === MISSING || /not permitted|permission denied|are you root/i.test(output))
    throw new FlotillaError('UNSUPPORTED', `${where} has no ping that may be used.`);
  if (/unknown host|not known|bad address|name resolution/i.test(output))
    throw new ProbeFailure('dns', 'the name does not resolve');
  throw new ProbeFailure('timeout', 'no echo came back');
}
