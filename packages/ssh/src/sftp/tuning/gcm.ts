import { createCipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto';
import internals from 'ssh2/lib/protocol/crypto.js';
import { disposeOnceSent, disposeOwn } from './dispose.ts';

/** The fields of ssh2's AES-GCM in JavaScript that are used here. */
interface Sealer {
  _encSSLName: 'aes-128-gcm' | 'aes-256-gcm';
  _encKey: Buffer | KeyObject;
  _encIV: Buffer;
  _dead: boolean;
  outSeqno: number;
  _onWrite(data: Buffer): void;
  allocPacket(payloadLength: number): Buffer;
  encrypt(packet: Buffer): void;
}

interface Opener {
  _decipherKey: Buffer | KeyObject;
  decrypt(data: Buffer, at: number, length: number): unknown;
}

const GCM = 'aes128-gcm@openssh.com';
const RANDOM = Buffer.alloc(16 * 1024);
let randomAt = RANDOM.length;
/** Where the packet being built lives: it is sealed into another buffer before the next one is begun. */
let scratch = Buffer.allocUnsafeSlow(36 * 1024);
let tuned = false;

/**
 * Replaces ssh2's AES-GCM in JavaScript (without its native binding) by the same that costs half: it prepares the raw
 * key again, draws padding and allocates the plain packet apart for every packet. What is sent is the same
 * (RFC 5647). Nothing is changed when ssh2 is not built as expected.
 */
export function tuneGcm(): boolean {
  const { createCipher, createDecipher, CIPHER_INFO, bindingAvailable } = internals;
  const info = CIPHER_INFO?.[GCM];
  if (tuned || bindingAvailable || !info || !createCipher || !createDecipher) return tuned;
  const nothing = (): void => {};
  const key = Buffer.alloc(info.keyLen);
  const iv = Buffer.alloc(info.ivLen);
  const outbound = { seqno: 0, onWrite: nothing, cipherInfo: info, cipherKey: key, cipherIV: iv };
  const inbound = { seqno: 0, onPayload: nothing, decipherInfo: info, decipherKey: key, decipherIV: iv };
  const sealing = createCipher({ outbound }) as Sealer;
  const opening = createDecipher({ inbound }) as Opener;
  const expected = ['_encSSLName', '_encKey', '_encIV', '_dead', 'outSeqno', '_onWrite'];
  if (!expected.every((field) => field in sealing) || !('_decipherKey' in opening)) return false;
  const sealer = Object.getPrototypeOf(sealing) as Sealer;
  sealer.allocPacket = allocPacket;
  sealer.encrypt = seal;
  const opener = Object.getPrototypeOf(opening) as Opener;
  const { decrypt } = opener;
  opener.decrypt = function (data, at, length) {
    if (Buffer.isBuffer(this._decipherKey)) this._decipherKey = createSecretKey(this._decipherKey);
    const left = decrypt.call(this, data, at, length);
    // Without a position to go on from, everything in it was decrypted into buffers of its own.
    if (left === undefined && at === 0) disposeOwn(data);
    return left;
  };
  tuned = true;
  return true;
}

/** Length, padding length, room for the payload, random padding up to a multiple of 16 (RFC 4253, 6). */
function allocPacket(payloadLength: number): Buffer {
  const unpadded = 1 + payloadLength;
  let padding = 16 - (unpadded & 15);
  if (padding < 4) padding += 16;
  const length = 4 + unpadded + padding;
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * length);
  const packet = scratch.subarray(0, length);
  packet.writeUInt32BE(unpadded + padding, 0);
  packet[4] = padding;
  if (randomAt + padding > RANDOM.length) {
    randomFillSync(RANDOM);
    randomAt = 0;
  }
  RANDOM.copy(packet, 5 + payloadLength, randomAt, randomAt + padding);
  randomAt += padding;
  return packet;
}

function seal(this: Sealer, packet: Buffer): void {
  if (this._dead) return;
  if (Buffer.isBuffer(this._encKey)) this._encKey = createSecretKey(this._encKey);
  const cipher = createCipheriv(this._encSSLName, this._encKey, this._encIV);
  const length = Buffer.from(packet.subarray(0, 4));
  cipher.setAAD(length);
  const body = cipher.update(packet.subarray(4));
  cipher.final();
  disposeOnceSent(body);
  this._onWrite(length);
  this._onWrite(body);
  this._onWrite(cipher.getAuthTag());
  count(this._encIV);
  this.outSeqno = (this.outSeqno + 1) >>> 0;
}

/** The invocation counter: the last 8 bytes of the nonce, big endian (RFC 5647, 7.1). */
function count(nonce: Buffer): void {
  for (let at = 11; at >= 4; at--) {
    const next = ((nonce[at] ?? 0) + 1) & 0xff;
    nonce[at] = next;
    if (next !== 0) return;
  }
}
