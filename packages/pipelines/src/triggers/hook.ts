import type { HttpHook } from '@flotilla/core';
import { pipelinesService } from '../service.ts';

/** Where others start pipelines: `POST /hooks/<name>`, signed or with a token of that pipeline's own. */
export const webhooks: HttpHook = {
  path: '/hooks/',
  async receive(host, request) {
    const { receiveHook } = await import('./webhook.ts');
    return receiveHook(await host.use(pipelinesService), request);
  },
};
