import { serve } from '@flotilla/runtime';
import { monitoring } from './server.ts';

process.exitCode = await serve(monitoring, { env: process.env, argv: process.argv.slice(2) });
