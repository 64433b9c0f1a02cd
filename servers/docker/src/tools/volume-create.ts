import { defineTool, FlotillaError, HostAlias, secret } from '@flotilla/core';
import { z } from 'zod';
import { labels, objectName } from '../lib/arguments.ts';
import { withEngine } from '../lib/engine/index.ts';
import { shown } from '../lib/text.ts';
import { EngineVolume, listVolumes } from '../lib/volumes/volume.ts';

export const volumeCreate = defineTool({
  name: 'volume_create',
  title: 'Create a volume',
  description:
    'Makes an empty volume for containers to keep data in. A name that is taken is an error, so that nobody gets the data of another.',
  effect: 'write',
  input: z.object({
    alias: HostAlias,
    volume: objectName.describe('Name of the new volume'),
    driver: z
      .string()
      .regex(/^[a-z][a-z0-9_./:-]{0,127}$/, 'a driver name')
      .default('local')
      .describe('Driver; default local'),
    options: secret(
      z
        .record(z.string().min(1).max(200), z.string().max(4096))
        .optional()
        .describe('Options of the driver, e.g. type, o, device'),
    ),
    labels,
  }),
  output: z.object({ alias: z.string(), volume: z.string(), driver: z.string(), mountpoint: z.string() }),
  run: (context, input) =>
    withEngine(context, input.alias, async (engine) => {
      const { alias, volume, driver } = input;
      const { signal } = context;
      if ((await listVolumes(engine, signal)).some(({ Name }) => Name === volume))
        throw new FlotillaError('ALREADY_EXISTS', `${alias} has a volume of that name.`, {
          details: { alias, volume },
          hint: 'See volume_inspect, or choose another name.',
        });
      const body = {
        Name: volume,
        Driver: driver,
        DriverOpts: input.options ?? {},
        Labels: input.labels ?? {},
      };
      const made = await engine.json(EngineVolume, '/volumes/create', { method: 'POST', body, signal });
      return shown({
        alias,
        volume: made.Name,
        driver: made.Driver ?? driver,
        mountpoint: made.Mountpoint ?? '',
      });
    }),
  text: ({ alias, volume, driver, mountpoint }) =>
    `${alias}: made volume ${volume} (${driver}) at ${JSON.stringify(mountpoint)}. Undo: volume_remove.`,
});
