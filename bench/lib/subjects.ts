import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ssh2';
import { startMcp, textOf } from './mcp-client.ts';
import { installPeers, node, root } from './peers.ts';

export interface Target {
  host: string;
  port: number;
  user: string;
  keyPath: string;
  folder: string;
  fingerprint: string;
}

export interface Subject {
  name: string;
  /** Runs one command and checks what it printed. */
  exec(text: string): Promise<void>;
  close(): Promise<void>;
}

export const rawSsh2 = async (target: Target): Promise<Subject> => {
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({
      host: target.host,
      port: target.port,
      username: target.user,
      privateKey: readFileSync(target.keyPath),
      algorithms: { cipher: ['aes128-gcm@openssh.com'] },
    });
  });
  client.setNoDelay(true);
  return {
    name: 'raw ssh2 exec, TCP_NODELAY',
    exec: (text) =>
      new Promise((resolve, reject) => {
        client.exec(`echo ${text}`, (error, channel) => {
          if (error) return reject(error);
          let out = '';
          channel.on('data', (chunk: Buffer) => {
            out += chunk;
          });
          channel.stderr.resume();
          channel.on('close', () =>
            out === `${text}\n` ? resolve() : reject(new Error(`wrong output: ${out}`)),
          );
        });
      }),
    close: async () => {
      client.end();
    },
  };
};

export const controlMaster = async (target: Target): Promise<Subject> => {
  const common = [
    '-i',
    target.keyPath,
    '-p',
    String(target.port),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  const socket = join(target.folder, 'mux');
  const ssh = (args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile('ssh', [...common, '-o', `ControlPath=${socket}`, ...args], (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
  await ssh(['-o', 'ControlMaster=yes', '-o', 'ControlPersist=600', `${target.user}@${target.host}`, 'true']);
  return {
    name: 'OpenSSH, ControlMaster',
    exec: async (text) => {
      const out = await ssh([`${target.user}@${target.host}`, `echo ${text}`]);
      if (out !== `${text}\n`) throw new Error(`wrong output: ${out}`);
    },
    close: async () => {
      await ssh(['-O', 'exit', `${target.user}@${target.host}`]).catch(() => {});
    },
  };
};

async function mcpSubject(
  name: string,
  start: { command: string; args: string[]; env: Record<string, string> },
  prepare: { tool: string; args: Record<string, unknown> } | undefined,
  callOf: (command: string) => { tool: string; args: Record<string, unknown> },
): Promise<Subject> {
  const child = await startMcp(start.command, start.args, start.env);
  if (prepare) {
    const answer = await child.call(prepare.tool, prepare.args);
    if (answer.isError) throw new Error(`${name}: ${textOf(answer)}`);
  }
  return {
    name,
    exec: async (text) => {
      const { tool, args } = callOf(`echo ${text}`);
      const answer = await child.call(tool, args);
      if (answer.isError || !textOf(answer).includes(text)) throw new Error(textOf(answer).slice(0, 300));
    },
    close: () => child.close(),
  };
}

export const hubEnvironment = (target: Target): Record<string, string> => {
  const home = join(target.folder, 'flotilla-home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return { HOME: home, LOG_LEVEL: 'error' };
};

export const hubCommand = { command: node, args: [join(root, 'hub', 'dist', 'main.js'), 'serve', '--stdio'] };

export const flotilla = (target: Target): Promise<Subject> => {
  const env = hubEnvironment(target);
  const alias = `bench-${target.port}`;
  const keyFolder = join(env['HOME'] ?? '', '.ssh');
  mkdirSync(keyFolder, { recursive: true, mode: 0o700 });
  const keyPath = join(keyFolder, 'id_bench');
  copyFileSync(target.keyPath, keyPath);
  chmodSync(keyPath, 0o600);
  return mcpSubject(
    'Flotilla stdio hub, durable run',
    { ...hubCommand, env },
    {
      tool: 'server_add',
      args: { alias, host: target.host, port: target.port, user: target.user, keyPath },
    },
    (cmd) => ({ tool: 'task_exec', args: { alias, cmd } }),
  );
};

export const orchestrator = (target: Target): Promise<Subject> => {
  const home = join(target.folder, 'orchestrator-home');
  mkdirSync(home, { recursive: true });
  const { host, port, user, keyPath } = target;
  return mcpSubject(
    'mcp-sftp-orchestrator 11.8',
    {
      command: process.execPath,
      args: [join(installPeers(), '@fkom13', 'mcp-sftp-orchestrator', 'server.js')],
      env: { HOME: home, MCP_DATA_DIR: home },
    },
    { tool: 'server_add', args: { alias: 'bench', host, port, user, keyPath } },
    (cmd) => ({ tool: 'task_exec', args: { alias: 'bench', cmd } }),
  );
};

export const sshMcp = (target: Target): Promise<Subject> => {
  const home = join(target.folder, 'ssh-mcp-home');
  const folder = join(home, '.config', 'ssh-mcp');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const profile = [
    '[defaults]',
    'defaultProfile = "bench"',
    'approvalMode = "auto"',
    '[[profiles]]',
    'name = "bench"',
    `host = "${target.host}"`,
    `port = ${target.port}`,
    `user = "${target.user}"`,
    'auth = "key"',
    `keyRef = "${target.keyPath}"`,
    'role = "admin"',
    'approvalPolicy = "auto"',
    'group = "dev"',
    `trustedHostKey = "${target.fingerprint}"`,
  ];
  writeFileSync(join(folder, 'config.toml'), `${profile.join('\n')}\n`, { mode: 0o600 });
  return mcpSubject(
    'ssh-mcp 2.11',
    {
      command: process.execPath,
      args: [join(installPeers(), 'ssh-mcp', 'build', 'index.js')],
      env: { HOME: home },
    },
    undefined,
    (command) => ({ tool: 'run-command', args: { command } }),
  );
};
