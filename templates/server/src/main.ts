import { serve } from '@flotilla/runtime';
import { serverTemplate } from './server.ts';

process.exitCode = await serve(serverTemplate, { env: process.env, argv: process.argv.slice(2) });
