import { claudeCode } from './claude-code.ts';
import { claudeDesktop } from './claude-desktop.ts';
import type { Client } from './client.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { vscode } from './vscode.ts';

export { type Client, documentFor, type Places } from './client.ts';
export type { Connection } from './connection.ts';

/** In the order in which they are shown. */
export const CLIENTS: readonly Client[] = [claudeCode, claudeDesktop, cursor, vscode, gemini];

/** Name of the hub in the clients' configs: short, and without underscore for Gemini. */
export const SERVER_NAME = 'flotilla';
