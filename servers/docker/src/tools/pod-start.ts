import { podTool } from '../lib/pods/change-pod.ts';

export const podStart = podTool('start', {
  title: 'Start a pod',
  description: 'Starts all containers of a Podman pod and says how each of them is now.',
});
