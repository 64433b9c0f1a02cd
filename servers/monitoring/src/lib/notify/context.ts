import { defineService } from '@flotilla/core';
import { alertSettings } from '../alerts/settings.ts';

/** What sending needs beside the transport. */
export const notifyContext = defineService({
  name: 'notify',
  open: (host) => ({ redactor: host.redactor, bases: alertSettings(host).notifyBases }),
});
