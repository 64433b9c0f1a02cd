import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { containerPath, onContainer } from '../containers/details.ts';
import { createDemuxer, type Engine } from '../engine/index.ts';
import { argumentsOf, type ExecInput, environmentOf } from './exec-command.ts';

const KEPT = 64 * 1024;
const Created = z.object({ Id: z.string() });
const Ended = z.looseObject({ ExitCode: z.number().nullish() });

export interface ExecResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
}

/**
 * An exec over the engine's API, for hosts without a client: it is lost to us when this connection breaks. When `signal`
 * is aborted in the middle it answers with what came, without an exit code.
 */
export async function execByApi(engine: Engine, input: ExecInput, signal: AbortSignal): Promise<ExecResult> {
  const { container, cmd, user, cwd, stdin } = input;
  const body = {
    Cmd: argumentsOf(cmd),
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Env: environmentOf(input),
    ...(user !== undefined && { User: user }),
    ...(cwd !== undefined && { WorkingDir: cwd }),
  };
  const { Id } = await onContainer(engine, container, () =>
    engine.json(Created, containerPath(container, '/exec'), { method: 'POST', body, signal }),
  );
  const { stream, first } = await engine.hijack(`/exec/${encodeURIComponent(Id)}/start`, {
    body: { Detach: false, Tty: false },
    signal,
  });
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const take = createDemuxer();
  const outputs = { stdout: keeper(), stderr: keeper() };
  const kept = () => ({
    stdout: outputs.stdout.text(),
    stderr: outputs.stderr.text(),
    truncated: outputs.stdout.cut() || outputs.stderr.cut(),
  });
  const add = (chunk: Buffer): void => {
    for (const { stream: name, bytes } of take(chunk)) outputs[name].add(bytes);
  };
  try {
    add(first);
    if (stdin !== undefined) stream.write(stdin);
    stream.end();
    for await (const chunk of stream) add(chunk as Buffer);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
  if (signal.aborted) return { exitCode: null, ...kept() };
  const { ExitCode } = await engine.json(Ended, `/exec/${encodeURIComponent(Id)}/json`);
  return { exitCode: ExitCode ?? null, ...kept() };
}

/** The beginning of an output. */
function keeper() {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let bytes = 0;
  return {
    add(chunk: Buffer): void {
      if (bytes < KEPT) text += decoder.write(chunk.subarray(0, KEPT - bytes));
      bytes += chunk.length;
    },
    text: () => text,
    cut: () => bytes > KEPT,
  };
}
