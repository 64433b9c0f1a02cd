export { schedules } from './server.ts';
