import { serve } from '@flotilla/runtime';
import { sftp } from './server.ts';

process.exitCode = await serve(sftp, { env: process.env, argv: process.argv.slice(2) });
