import { embeddedHarness } from '../driver/embedded-harness.ts';
import { driverLoad } from '../driver/load.ts';

driverLoad('embedded', embeddedHarness);
