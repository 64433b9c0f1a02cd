import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { FlotillaError, type HookAnswer, type HookRequest, type Principal } from '@flotilla/core';
import { NAME } from '../definition/name.ts';
import type { Pipeline } from '../definition/schema.ts';
import { renderValue, valuesIn } from '../expression/render.ts';
import { asError } from '../run/results.ts';
import type { Pipelines } from '../service.ts';

/** The same for an unknown name and a wrong signature: nobody learns which pipelines there are. */
const denied = (): FlotillaError =>
  new FlotillaError('DENIED', 'There is no such webhook, or its signature or token is wrong.');

export async function receiveHook(service: Pipelines, request: HookRequest): Promise<HookAnswer> {
  const { host } = service;
  const pipeline = find(service, request.rest);
  const { webhook } = pipeline?.triggers ?? {};
  const secret = webhook && secretOf(service, webhook.secret);
  // What is not there takes as long to refuse as what is.
  if (!isGenuine(request, secret ?? 'nothing') || !webhook || !pipeline || secret === undefined)
    throw denied();
  const inputs = inputsOf(webhook.inputs, bodyOf(request));
  const delivery = deliveryOf(request);
  const principal: Principal = { id: `token:hook-${pipeline.name}`, kind: 'token' };
  const result = await host.calls.call(
    'pipeline_run',
    { name: pipeline.name, inputs },
    {
      principal,
      signal: new AbortController().signal,
      idempotencyKey: `hook:${pipeline.name}:${delivery}`,
    },
  );
  const answer = 'runId' in result ? { run: result.runId, existing: result.existing } : result.output;
  return { status: 202, type: 'application/json', body: JSON.stringify(answer) };
}

function find({ definitions }: Pipelines, name: string): Pipeline | undefined {
  if (!NAME.test(name)) return undefined;
  try {
    const { pipeline, person } = definitions.get(name);
    return person ? pipeline : undefined;
  } catch {
    return undefined;
  }
}

function secretOf({ host }: Pipelines, name: string): string | undefined {
  try {
    return host.namedSecret(name);
  } catch (error) {
    host.log.warn({ err: error, secret: name }, 'a webhook cannot be checked');
    return undefined;
  }
}

/**
 * HMAC-SHA256 of the body as GitHub, Gitea and Forgejo send it, or the secret itself as a bearer token or as GitLab sends
 * it.
 */
function isGenuine({ headers, body }: HookRequest, secret: string): boolean {
  const signature =
    headers['x-hub-signature-256'] ?? headers['x-forgejo-signature'] ?? headers['x-gitea-signature'];
  if (signature !== undefined) {
    const expected = createHmac('sha256', secret).update(body).digest('hex');
    return same(signature.replace(/^sha256=/, ''), expected);
  }
  const bearer = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  return same(bearer ?? headers['x-gitlab-token'] ?? '', secret);
}

function same(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

const DELIVERY = [
  'x-github-delivery',
  'x-forgejo-delivery',
  'x-gitea-delivery',
  'x-gitlab-event-uuid',
  'idempotency-key',
];

/** A delivery that is sent again is the same run. Absent: every request is one of its own. */
function deliveryOf({ headers }: HookRequest): string {
  const name = DELIVERY.find((one) => headers[one] !== undefined);
  // Without a key, a call like one that still runs would be taken for it: the push after the one being deployed.
  return (name !== undefined && headers[name]?.slice(0, 100)) || randomUUID();
}

function bodyOf({ body }: HookRequest): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch {
    throw new FlotillaError('INVALID_INPUT', 'The body is not JSON.');
  }
}

function inputsOf(wanted: Record<string, string>, body: unknown): Record<string, unknown> {
  try {
    return renderValue(wanted, valuesIn({ body })) as Record<string, unknown>;
  } catch (error) {
    throw asError(error);
  }
}
