import {
  FlotillaError,
  type HostDirectory,
  type Logger,
  type ShellOptions,
  type ShellResult,
} from '@flotilla/core';
import type { HostLinks } from '../links.ts';
import { quote } from '../quote.ts';
import { type Elevation, elevationFor } from '../runner/elevation.ts';
import { launchText, planLaunch } from '../runner/launch.ts';
import { conversation } from './conversation.ts';
import type { FastChannel } from './fast-channel.ts';
import { feedScript } from './feed.ts';
import { type HostChannels, hostChannels } from './host-channels.ts';
import { exitOrSignal } from './signals.ts';
import { StreamCap } from './stream-cap.ts';
import { withChannel } from './with-channel.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 1024 * 1024;

export interface ShellInput {
  links: HostLinks;
  directory: HostDirectory;
  log: Logger;
}

export type Shell = (alias: string, script: string, options?: ShellOptions) => Promise<ShellResult>;

/**
 * `Hosts.shell`: one short script in a subshell of a fast channel. A script that is cut off by its timeout or
 * cancelled is killed and its channel is thrown away, so its late output reaches nobody. It must not leave children
 * behind that hold its output: what they write later would belong to the next script. A connection that is lost is
 * replaced once and the script run again.
 */
export function createShell({ links, directory, log }: ShellInput): Shell {
  const channels = hostChannels(links, log);
  return async (alias, script, options = {}) => {
    const elevation = elevationFor(directory.record(alias), options.sudo);
    const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = options;
    const expired = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? expired : AbortSignal.any([options.signal, expired]);
    try {
      const text = scriptText(script, options, elevation);
      const run = (channel: FastChannel) => runScript(channel, text, maxBytes, signal);
      return await withChannel(channels, alias, run, signal);
    } catch (error) {
      if (error instanceof CutOff) {
        void killScript(channels, alias, error.pid, log);
        if (!expired.aborted) throw new FlotillaError('CANCELLED', 'The script was cancelled.');
      }
      if (expired.aborted) {
        throw new FlotillaError(
          'COMMAND_TIMEOUT',
          `The script on ${alias} ran longer than ${timeoutMs} ms.`,
          {
            details: { alias, timeoutMs },
          },
        );
      }
      throw error;
    }
  };
}

/** A script runs in a subshell of its channel, without a session of its own. */
const SUBSHELL = { bash: true, setsid: false, descriptors: '/dev/fd' } as const;

/** The script was left by its caller; `pid` is its shell on the host, 0 when that is not known. */
class CutOff extends Error {
  readonly pid: number;
  constructor(pid: number) {
    super('cut off');
    this.pid = pid;
  }
}

/** Ends what a cut-off script started, over another channel. */
async function killScript(channels: HostChannels, alias: string, pid: number, log: Logger): Promise<void> {
  if (!Number.isSafeInteger(pid) || pid < 2) return;
  try {
    await withChannel(channels, alias, (channel) =>
      conversation(channel, `f_kill_script ${pid}`, {
        frame: (words) => words[0] === 'killed',
        data: () => undefined,
      }),
    );
  } catch (error) {
    log.debug({ alias, err: error }, 'a cut-off script could not be stopped');
  }
}

function scriptText(script: string, { stdin }: ShellOptions, elevation: Elevation): string {
  if (elevation.kind === 'none')
    return `f_feed=${quote(feedScript(stdin))}\nf_launch=${quote(script)}\nf_script`;
  const spec = { command: script, ...(stdin !== undefined && { stdin }) };
  return `${launchText(planLaunch(spec, SUBSHELL, elevation))}\nf_script`;
}

function runScript(
  channel: FastChannel,
  text: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<ShellResult> {
  const out = new StreamCap(maxBytes);
  const err = new StreamCap(maxBytes);
  return new Promise((resolve, reject) => {
    let pid = 0;
    let status: number | undefined;
    let errorsEnded = false;
    let trapped = false;
    const aborted = (): void => {
      channel.dispose();
      reject(new CutOff(pid));
    };
    const finish = (): void => {
      if (status === undefined || !errorsEnded) return;
      signal.removeEventListener('abort', aborted);
      resolve({
        ...exitOrSignal(status, trapped),
        stdout: out.text(),
        stderr: err.text(),
        truncated: out.truncated || err.truncated,
      });
    };
    channel.enter({
      frame: (words) => {
        if (words[0] === 'pid') pid = Number(words[1]);
        if (words[0] === 'exited') trapped = true;
        if (words[0] === 'status') status = Number(words[1]);
        finish();
      },
      data: (chunk) => out.push(chunk),
      errorFrame: () => {
        errorsEnded = true;
        finish();
      },
      errorData: (chunk) => err.push(chunk),
      closed: (error) => {
        signal.removeEventListener('abort', aborted);
        reject(error);
      },
    });
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    channel.send(text);
  });
}
