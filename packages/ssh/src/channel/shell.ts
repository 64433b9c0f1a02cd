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
import type { FastChannel } from './fast-channel.ts';
import { feedScript } from './feed.ts';
import { hostChannels } from './host-channels.ts';
import { exitOrSignal } from './signals.ts';
import { StreamCap } from './stream-cap.ts';

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
 * cancelled is killed and its channel is thrown away, so its late output reaches nobody.
 */
export function createShell({ links, directory, log }: ShellInput): Shell {
  const channels = hostChannels(links, log);
  return async (alias, script, options = {}) => {
    const elevation = elevationFor(directory.record(alias), options.sudo);
    const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = options;
    const expired = AbortSignal.timeout(timeoutMs);
    const signal = options.signal === undefined ? expired : AbortSignal.any([options.signal, expired]);
    const channel = await channels.acquire(alias, options.signal);
    try {
      const text = scriptText(script, options, elevation);
      return await runScript(channel, text, maxBytes, signal);
    } catch (error) {
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
    } finally {
      channels.release(channel);
    }
  };
}

function scriptText(script: string, { stdin }: ShellOptions, elevation: Elevation): string {
  if (elevation.kind === 'none') return `f_I=${quote(feedScript(stdin))}\nf_V=${quote(script)}\nf_h`;
  const spec = { command: script, ...(stdin !== undefined && { stdin }) };
  return `${launchText(planLaunch(spec, { bash: true, setsid: false }, elevation))}\nf_h`;
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
    let status: number | undefined;
    let errorsEnded = false;
    let trapped = false;
    const aborted = (): void => {
      // The shell of this channel is busy; its input is closed and whatever it still writes has no reader.
      channel.dispose();
      reject(new FlotillaError('CANCELLED', 'The script was cancelled.'));
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
        if (words[0] === 't') trapped = true;
        if (words[0] === 'r') status = Number(words[1]);
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
