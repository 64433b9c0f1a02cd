import { stateTool } from '../lib/containers/change-state.ts';

export const dockerRestart = stateTool('restart', {
  title: 'Restart a container',
  description:
    'Stops and starts a container and looks again a moment later; one that did not stay up is an error, with its exit code and last lines. Its image and settings stay as they are: for a newer image use image_update.',
});
