import { stateTool } from '../lib/containers/change-state.ts';

export const dockerStop = stateTool('stop', {
  title: 'Stop a container',
  description:
    'Stops a running container: TERM, and KILL after the grace. A container with a restart policy stays stopped until it is started again.',
});
