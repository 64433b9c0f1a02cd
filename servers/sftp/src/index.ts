export { sftp } from './server.ts';
