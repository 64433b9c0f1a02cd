export { freePort } from './free-port.ts';
export { type SshdOptions, startSshd, type TestSshd } from './sshd.ts';
