import { driverContract } from './contract.ts';
import { embeddedHarness } from './embedded-harness.ts';

driverContract('embedded', embeddedHarness);
