import { FlotillaError, type Hosts, type ServiceHost } from '@flotilla/core';
import type { ApiCatalogue } from '../api/catalogue.ts';
import { checkApi } from '../api/check-api.ts';
import { parseUrl } from '../api/settings.ts';
import { counted, hostWord } from '../host/words.ts';
import type { AddressPolicy } from '../probe/address-policy.ts';
import type { Dial } from '../probe/dial.ts';
import { ProbeFailure } from '../probe/failure.ts';
import { type HttpFinding, probeHttp } from '../probe/http-probe.ts';
import { HUB } from '../probe/service.ts';
import { certificateOf, tlsOver } from '../probe/tls-stream.ts';
import { type CheckDefinition, checkedHost, parseHostPort, parseResolver } from './definition.ts';
import { recordsFromHost, recordsFromHub } from './look-dns.ts';
import { pingFromHost, pingFromHub } from './look-ping.ts';

/** What looking needs; the same for every kind. */
export interface Eyes {
  hosts: Hosts;
  catalogue: ApiCatalogue;
  policy: AddressPolicy;
  dial(from: string): Dial;
  /** The policy may have changed after a check was added. */
  refusesCommand: ServiceHost['refusesCommand'];
}

export interface Sight {
  ms: number;
  /** What was seen, one short line. */
  detail?: string;
}

/** Looks once from one vantage point. ProbeFailure: the target is not well; any other error: this one could not look. */
export async function look(
  eyes: Eyes,
  check: CheckDefinition,
  from: string,
  outer: AbortSignal,
): Promise<Sight> {
  const { timeoutMs } = check;
  const signal = AbortSignal.any([outer, AbortSignal.timeout(timeoutMs)]);
  const began = performance.now();
  const detail = await DETAIL[check.kind]({ eyes, check, from, signal, timeoutMs });
  const ms = Math.round(performance.now() - began);
  return typeof detail === 'string' ? { ms, detail } : detail;
}

interface Looking {
  eyes: Eyes;
  check: CheckDefinition;
  from: string;
  signal: AbortSignal;
  timeoutMs: number;
}

const DETAIL: Record<CheckDefinition['kind'], (looking: Looking) => Promise<string | Sight>> = {
  http: async ({ eyes, check, from, timeoutMs, signal }) =>
    httpSight(
      await probeHttp(
        {
          url: parseUrl(check.target),
          method: check.method ?? 'GET',
          credentials: {},
          timeoutMs,
          ...(check.expected_status !== undefined && { expectedStatus: [check.expected_status] }),
          expectedBody: check.expected_body,
        },
        eyes.dial(from),
        signal,
      ),
    ),
  api: async ({ eyes, check, from, signal }) => {
    const { catalogue, hosts } = eyes;
    return httpSight(
      await checkApi({ catalogue, hosts, dial: eyes.dial, signal }, catalogue.get(check.target), from),
    );
  },
  tcp: async ({ eyes, check, from, signal }) => {
    const stream = await eyes.dial(from)(parseHostPort(check.target), signal);
    stream.on('error', () => undefined);
    stream.destroy();
    return 'connected';
  },
  tls: async ({ eyes, check, from, signal }) => {
    const to = parseHostPort(check.target, 443);
    const stream = await eyes.dial(from)(to, signal);
    stream.on('error', () => undefined);
    try {
      const secure = await tlsOver(stream, { host: to.host, verify: true, signal });
      secure.on('error', () => undefined);
      const certificate = certificateOf(secure, Date.now());
      secure.destroy();
      const days = certificate?.daysLeft ?? 0;
      if (days < (check.warnDays ?? 14))
        throw new ProbeFailure('tls', `the certificate expires in ${counted(days, 'day')}`);
      return `${counted(days, 'day')} left, by ${certificate?.issuer}`;
    } finally {
      stream.destroy();
    }
  },
  dns: async ({ eyes, check, from, signal, timeoutMs }) => {
    const question = {
      name: checkedHost(check.target),
      type: check.recordType ?? ('A' as const),
      resolver: check.resolver === undefined ? undefined : parseResolver(check.resolver),
      timeoutMs,
    };
    const records =
      from === HUB
        ? await recordsFromHub(question, eyes.policy)
        : await recordsFromHost(eyes.hosts, from, question, signal);
    if (!records) throw new FlotillaError('UNSUPPORTED', `${from} has no program that can ask that.`);
    const wanted = check.expectedRecord?.replace(/\.$/, '').toLowerCase();
    if (
      wanted !== undefined &&
      !records.some((record) => record.replace(/\.$/, '').replace(/^"|"$/g, '').toLowerCase() === wanted)
    )
      throw new ProbeFailure('mismatch', 'the record is not the expected one');
    return hostWord(records.join(', '), 300);
  },
  ping: async ({ eyes, check, from, signal, timeoutMs }) => {
    const host = checkedHost(check.target);
    const ms =
      from === HUB
        ? await pingFromHub(host, eyes.policy, timeoutMs, signal)
        : await pingFromHost(eyes.hosts, from, host, timeoutMs, signal);
    return { ms };
  },
  command: async ({ eyes, check, from, signal, timeoutMs }) => {
    // It may have been made read-only after the check was added.
    if (eyes.hosts.resolve(from).some(({ readonly }) => readonly))
      throw new FlotillaError('DENIED', `${from} is read-only: no command is run there.`);
    const refusal = eyes.refusesCommand(check.target);
    if (refusal) throw refusal;
    const result = await eyes.hosts.shell(from, check.target, { timeoutMs, signal, maxBytes: 64 * 1024 });
    const text = `${result.stdout}\n${result.stderr}`;
    if (result.exitCode !== 0)
      throw new ProbeFailure(
        'command',
        result.exitCode === null ? `it was ended by signal ${result.signal}` : `exit code ${result.exitCode}`,
      );
    if (check.expected_body !== undefined && !text.includes(check.expected_body))
      throw new ProbeFailure('body', 'the output does not hold the expected text');
    return hostWord(result.stdout.trim().split('\n').at(-1), 200);
  },
};

function httpSight({ failure, ms, status, certificate }: HttpFinding): Sight {
  if (failure) throw failure;
  const days = certificate === undefined ? '' : `, certificate ${counted(certificate.daysLeft, 'day')}`;
  return { ms, detail: `HTTP ${status}${days}` };
}
