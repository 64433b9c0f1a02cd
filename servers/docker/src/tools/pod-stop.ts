import { podTool } from '../lib/pods/change-pod.ts';

export const podStop = podTool('stop', {
  title: 'Stop a pod',
  description: 'Stops all containers of a Podman pod and says how each of them is now.',
});
