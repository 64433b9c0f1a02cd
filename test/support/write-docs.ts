import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../rules/sources.ts';
import { startHub, testHome } from './hub.ts';
import { toolsReference } from './tools-reference.ts';

const home = testHome();
const hub = await startHub(home);
writeFileSync(join(root, 'docs', 'tools.md'), toolsReference((await hub.client.listTools()).tools));
await hub.close();
home.remove();
