export { until } from '../until.ts';
export { driverContract } from './contract.ts';
export type { DriverHarness, RemoteConsumer } from './harness.ts';
export { driverLoad } from './load.ts';
export { spawnConsumer } from './remote-consumer.ts';
