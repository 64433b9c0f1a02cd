import { fenceRemote } from '@flotilla/core';
import { z } from 'zod';
import { projectName } from '../lib/compose/arguments.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { CheckedImage, hostImages } from '../lib/update/host-images.ts';

export const imageUpdates = defineEngineRead({
  name: 'image_updates',
  title: 'Look for newer images',
  description:
    'Asks the registries, with the docker login of each host and without downloading anything, whether the images of its containers have newer versions under the same tag. ' +
    'Says also which are pinned by digest, local only, gone from their registry, or in a registry that does not answer. ' +
    'image_update takes a newer one, with a health gate.',
  input: {
    project: projectName.optional().describe('Only containers of this compose project'),
  },
  row: { updates: z.number(), images: z.array(CheckedImage) },
  look: async (engine, input, context) => {
    const images = await hostImages(context, engine, input);
    return { updates: images.filter(({ state }) => state === 'behind').length, images };
  },
  text: (row) => {
    const head = `${row.alias}: ${row.updates} of ${row.images.length} images have a newer version`;
    return [head, ...row.images.slice(0, 80).map(line)].join('\n');
  },
});

function line({ image, state, current, newest, pulled, reason, remote, containers }: CheckedImage): string {
  const short = (digest: string | undefined): string => digest?.slice(7, 19) ?? '?';
  const digests =
    state === 'behind'
      ? ` ${short(current)} → ${short(newest)}${pulled ? ' (on the host already)' : ''}`
      : '';
  const why = reason === undefined ? '' : `: ${reason}`;
  const said = remote === undefined ? '' : `\n${fenceRemote(remote, 'registry')}`;
  const used = `${containers.slice(0, 6).join(', ')}${containers.length > 6 ? ` and ${containers.length - 6} more` : ''}`;
  return `  ${state === 'behind' ? 'BEHIND' : state} ${image}${digests} (${used})${why}${said}`;
}
