export { checkServerContract } from './server-contract.ts';
