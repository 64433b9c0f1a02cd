import { z } from 'zod';
import { bounded } from '../bounded.ts';
import type { Engine } from '../engine/index.ts';
import { withNearest } from '../nearest-names.ts';

const texts = z.array(z.string()).nullish();

/** `GET /images/json`. */
export const ImageSummary = z.looseObject({
  Id: z.string(),
  RepoTags: texts,
  RepoDigests: texts,
  Created: z.number().nullish(),
  Size: bounded.default(0),
  Containers: z.number().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});
export type ImageSummary = z.infer<typeof ImageSummary>;

/** `GET /images/{name}/json`. */
export const ImageDetails = z.looseObject({
  Id: z.string(),
  RepoTags: texts,
  RepoDigests: texts,
  Size: bounded.nullish(),
  Created: z.union([z.string(), z.number()]).nullish(),
});
export type ImageDetails = z.infer<typeof ImageDetails>;

export const imagePath = (image: string, rest = ''): string =>
  `/images/${image.split('/').map(encodeURIComponent).join('/')}${rest}`;

export const listImages = (engine: Engine, signal?: AbortSignal): Promise<ImageSummary[]> =>
  engine.json(z.array(ImageSummary).max(20_000), '/images/json', { signal });

/** Its tags without the `<none>` of an image that lost its own. */
export const tagsOf = ({ RepoTags }: { RepoTags?: readonly string[] | null | undefined }): string[] =>
  (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');

/** Runs `work` on an image; NOT_FOUND names the nearest image there is. */
export const onImage = <T>(engine: Engine, image: string, work: () => Promise<T>): Promise<T> =>
  withNearest(
    { alias: engine.alias, kind: 'image', wanted: image, lister: 'image_list' },
    async () => (await listImages(engine)).flatMap(tagsOf),
    work,
  );

export const inspectImage = (engine: Engine, image: string, signal?: AbortSignal): Promise<ImageDetails> =>
  onImage(engine, image, () => engine.json(ImageDetails, imagePath(image, '/json'), { signal }));

/** An id without `sha256:`: Podman leaves it out in some answers. */
export const bareId = (id: string): string => id.replace(/^sha256:/, '');
