import { stateTool } from '../lib/containers/change-state.ts';

export const dockerStart = stateTool('start', {
  title: 'Start a container',
  description:
    'Starts a stopped container and looks again a moment later: one that ended at once is an error, with its exit code and last lines.',
});
