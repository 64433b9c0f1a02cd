import { serve } from '@flotilla/runtime';
import { sshExec } from './server.ts';

process.exitCode = await serve(sshExec, { env: process.env, argv: process.argv.slice(2) });
