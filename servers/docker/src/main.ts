import { serve } from '@flotilla/runtime';
import { docker } from './server.ts';

process.exitCode = await serve(docker, { env: process.env, argv: process.argv.slice(2) });
