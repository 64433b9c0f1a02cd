import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';
import type { Pair } from './certificates.ts';

export interface WebServer {
  url: string;
  port: number;
  /** What was asked, in order. */
  requests: IncomingMessage[];
  stop(): Promise<void>;
}

/** A web server on loopback, with TLS when it is given a certificate; stopped after the file. */
export async function webServer(
  listener: RequestListener,
  pair?: Pair,
  host = '127.0.0.1',
  port = 0,
): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const answer: RequestListener = (request, response) => {
    requests.push(request);
    response.on('error', () => undefined);
    listener(request, response);
  };
  const server: Server = pair ? createTlsServer(pair, answer) : createServer(answer);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const bound = (server.address() as AddressInfo).port;
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  afterAll(stop);
  return { url: `${pair ? 'https' : 'http'}://${host}:${bound}`, port: bound, requests, stop };
}
