/** What wants an engine of Docker, on one: it takes longer to start than most of the tests. The long ways of changes are in faults/. */
import { shareMachine } from './helpers/docker-host.ts';
import './tools/containers.test.ts';
import './tools/exec-and-run.test.ts';
import './tools/images.test.ts';
import './tools/networks-and-volumes.test.ts';
import './tools/problems.test.ts';
import './tools/compose-tools.test.ts';
import './tools/changes-in-short.test.ts';

shareMachine();
