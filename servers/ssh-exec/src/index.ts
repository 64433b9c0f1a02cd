export { sshExec } from './server.ts';
