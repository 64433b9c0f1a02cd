import type { Cipher } from '@flotilla/core';

/** Not readable at a glance, and no more than that. */
export const xorCipher: Cipher = {
  seal: (plain) => Buffer.from(Buffer.from(plain).map((byte) => byte ^ 0x5a)).toString('base64'),
  open: (sealed) => Buffer.from(Buffer.from(sealed, 'base64').map((byte) => byte ^ 0x5a)).toString('utf8'),
};
