import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  formatBytes,
  HostTarget,
  hostRowSchema,
  rowsText,
} from '@flotilla/core';
import { z } from 'zod';
import { imageName } from '../lib/arguments.ts';
import { bounded } from '../lib/bounded.ts';
import { hideInText } from '../lib/compose/secret-values.ts';
import { withEngine } from '../lib/engine/index.ts';
import { imagePath, onImage } from '../lib/images/image.ts';
import { isoTime, shown, table } from '../lib/text.ts';

const History = z
  .array(
    z.looseObject({
      Id: z.string().nullish(),
      Created: z.number().nullish(),
      CreatedBy: z.string().nullish(),
      Size: bounded.nullish(),
      Tags: z.array(z.string()).nullish(),
    }),
  )
  .max(2_000);

const Layer = z.object({
  created: z.string().optional(),
  bytes: z.number(),
  by: z.string(),
  tags: z.array(z.string()).optional(),
});

const Layers = z.object({ image: z.string(), bytes: z.number(), layers: z.array(Layer) });

export const imageHistory = defineTool({
  name: 'image_history',
  title: 'Layers of an image',
  description:
    'How an image was built: its layers from the newest to the oldest with size, age and the instruction that made each. Shows which step makes it large.',
  effect: 'read',
  input: z.object({ alias: HostTarget, image: imageName, ...fanOutArguments }),
  output: z.object({ rows: z.array(hostRowSchema(Layers.shape)) }),
  isError: anyHostFailed,
  run: async (context, { image, ...target }) => ({
    rows: await eachHost(context, target, (alias) =>
      withEngine(context, alias, async (engine) => {
        const history = await onImage(engine, image, () =>
          engine.json(History, imagePath(image, '/history'), { signal: context.signal }),
        );
        const layers = history.map(({ Created, CreatedBy, Size, Tags }) => {
          const created = isoTime(Created);
          const by = hideInText(
            (CreatedBy ?? '').replace(/^\/bin\/sh -c (?:#\(nop\)\s*)?/, '').slice(0, 2_000),
          );
          return shown({
            ...(created && { created }),
            bytes: Size ?? 0,
            by,
            ...(Tags?.length && { tags: Tags }),
          });
        });
        return { image, bytes: layers.reduce((sum, { bytes }) => sum + bytes, 0), layers };
      }),
    ),
  }),
  text: ({ rows: hosts }) =>
    rowsText<z.infer<typeof Layers>>(hosts, ({ alias, image, bytes, layers }) => {
      const rows = layers.map((layer) => [
        formatBytes(layer.bytes),
        (layer.created ?? '').slice(0, 10),
        layer.by,
      ]);
      return `${alias}: ${image}: ${layers.length} layers, ${formatBytes(bytes)}\n${table(alias, ['size', 'created', 'by'], rows)}`;
    }),
});
