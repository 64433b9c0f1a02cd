/** What changes containers for good, on one engine of its own. */
import { shareMachine } from '../helpers/docker-host.ts';
import '../tools/image-update.test.ts';
import '../tools/docker-prune.test.ts';
import '../tools/compose-up.test.ts';

shareMachine();
