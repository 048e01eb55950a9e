import { randomBytes, randomUUID } from 'node:crypto';
import { createBlobStore } from '../blob-store';
import { createCallLog } from '../call-log';
import { createFaultBook } from '../faults/fault-book';
import { createRouteFaults } from '../faults/route-faults';
import type { SandboxHandle } from '../handle';
import { startServer } from '../server';
import { createApiApp } from './api-app';
import { createCertificates } from './certificates';
import { createFilesApp, s3Error } from './files-app';
import type { GatewayState } from './gateway-state';
import { createGatewayState } from './gateway-state';
import { apiError } from './json';
import type { OutcomeRule, Submission } from './message';
import { createNames } from './names';
import type { As2GatewaySandboxOptions, GatewayCredentials } from './options';
import type { Outbound, ReceivedRecord } from './outbound';
import { createOutbound } from './outbound';
import { outcomeFits } from './outcome-fits';
import { createParties } from './parties';
import type { SandboxPartner, SentRecord } from './partner';
import { createPartner } from './partner';
import type { Script } from '../script';
import { createScriptBook } from '../script';
import { createSessions } from './sessions';
import { submitRoute } from './submit-route';
import { DEFAULT_UNDOCUMENTED } from './undocumented';
import type { Webhooks, WebhookSender } from './webhooks';
import { createWebhooks } from './webhooks';

const DAY_MS = 24 * 3600 * 1000;

/** A running gateway. */
export interface As2GatewaySandbox extends SandboxHandle {
  /** Base URL of the pre-signed URLs: another port, as S3 is another host. Plugged and unplugged with the API. */
  readonly filesUrl: string;
  readonly credentials: GatewayCredentials;
  /** AS2 identifiers, also of those created through the API. */
  readonly stations: readonly string[];
  readonly partners: readonly string[];
  /** @throws Error where there is no such partner. */
  partner(identifier: string): SandboxPartner;
  /** What all partners sent, oldest first. */
  readonly sent: readonly SentRecord[];
  /** What all partners received, oldest first. */
  readonly received: readonly ReceivedRecord[];
  /** What becomes of submits that fit a rule; `outcomeOf` is asked for the others. */
  readonly outcomes: Script<OutcomeRule>;
  readonly webhooks: Webhooks;
}

/**
 * Starts MFT Gateway as a local server, with partners on its other side.
 *
 * @throws Error where a port is taken; RangeError for a webhook that would leave this machine.
 * @example
 * const gateway = await startAs2GatewaySandbox();
 * await gateway.partner('ACME').send({ attachments: [{ name: 'po.edi', content: Buffer.from('ISA*00*') }] });
 * // … let your code fetch it from gateway.url with gateway.credentials …
 * await gateway.close();
 */
export async function startAs2GatewaySandbox(
  options: As2GatewaySandboxOptions = {},
): Promise<As2GatewaySandbox> {
  const { clock = Date.now, host = '127.0.0.1', names: generation = 'v2' } = options;
  const credentials = makeCredentials(options.credentials);
  const undocumented = { ...DEFAULT_UNDOCUMENTED, ...options.undocumented };
  const log = createCallLog();
  const faults = createFaultBook({ seed: options.seed, now: clock });
  const blobs = createBlobStore();
  const state = createGatewayState({
    clock,
    blobs,
    stations: options.stations ?? ['HUB'],
    partners: (options.partners ?? ['ACME', 'GLOBEX', 'WAREHOUSE']).map((partner) =>
      typeof partner === 'string' ? { identifier: partner } : partner,
    ),
    contentLifetimeMs: options.contentLifetimeMs ?? 35 * DAY_MS,
    missingIsDenied: options.oldAttachments === 'denied',
  });
  const outcomes = createScriptBook<OutcomeRule, Submission>('outcome', outcomeFits);
  const { outcomeOf = () => ({ box: 'sent' }) } = options;
  const webhooks: WebhookSender = createWebhooks({
    clock,
    generation,
    settle: () => outbound.settle(),
    plugged: () => api.plugged,
  });
  const outbound: Outbound = createOutbound(state, {
    sendDelayMs: options.sendDelayMs ?? 250,
    hiddenMs: options.outboxHiddenMs ?? 100,
    outcomeOf: (submission) => outcomes.follow(submission)?.outcome ?? outcomeOf(submission),
    onTry({ message, box, at, failureReason }) {
      if (box === 'sent') webhooks.note({ eventType: 'MESSAGE.SEND.SUCCESS', message, at });
      else if (box === 'failed')
        webhooks.note({ eventType: 'MESSAGE.SEND.FAILED', message, at, failureReason });
    },
  });
  for (const target of options.webhooks ?? []) webhooks.setTarget(target);

  const names = createNames(generation, options.submitIdKey);
  const files = await startServer(
    createFilesApp(state.objects, log, clock, createRouteFaults(faults, clock, s3Error)),
    { host, port: options.filesPort },
  );
  const certificates = createCertificates(clock);
  const app = createApiApp(
    {
      state,
      outbound,
      names,
      filesUrl: () => files.url,
      oldAttachments: options.oldAttachments ?? 'listed',
      undocumented,
    },
    {
      sessions: createSessions(credentials, clock, undocumented),
      // The API needs its own address for the Link header: nothing can ask before it listens.
      submit: submitRoute(state, outbound, names, {
        maxBytes: options.maxSubmitBytes ?? 10 * 1024 * 1024,
        baseUrl: () => api.url,
        undocumented,
      }),
      log,
      faults: createRouteFaults(faults, clock, apiError),
      parties: createParties(state, certificates, names),
      certificates,
      certificateNames:
        options.certificateNames === undefined
          ? ({ v1: ['snake'], v2: ['v2'], both: ['snake', 'camel', 'v2'] } as const)[generation]
          : [options.certificateNames],
    },
  );
  const api = await startServer(app, { host, port: options.port }).catch(async (error: unknown) => {
    await Promise.all([files.close(), webhooks.close()]);
    throw error;
  });

  const sent: SentRecord[] = [];
  const partner = partnerOf(state, outbound, webhooks, sent);
  return {
    url: api.url,
    filesUrl: files.url,
    credentials,
    stations: state.stations,
    get partners() {
      return [...state.partners.keys()];
    },
    calls: log.counts,
    onCall: (listener) => log.onCall(listener),
    faults,
    outcomes,
    webhooks,
    sent,
    get received() {
      return outbound.received();
    },
    get plugged() {
      return api.plugged;
    },
    partner,
    async unplug() {
      await Promise.all([api.unplug(), files.unplug()]);
    },
    async plug() {
      await Promise.all([api.plug(), files.plug()]);
    },
    async close() {
      await webhooks.close();
      await Promise.all([api.close(), files.close()]);
      await blobs.close();
    },
  };
}

/** Partners by identifier; those that the API created are there as soon as somebody asks for them. */
function partnerOf(
  state: GatewayState,
  outbound: Outbound,
  webhooks: WebhookSender,
  sent: SentRecord[],
): (identifier: string) => SandboxPartner {
  const known = new Map<string, SandboxPartner>();
  return (identifier) => {
    if (!state.partners.has(identifier))
      throw new Error(
        `There is no partner ${identifier}: this gateway has ${[...state.partners.keys()].join(', ')}.`,
      );
    const partner =
      known.get(identifier) ??
      createPartner(identifier, state, outbound, (message, record) => {
        sent.push(record);
        webhooks.note({ eventType: 'MESSAGE.RECEIVED.SUCCESS', message, at: record.at });
      });
    known.set(identifier, partner);
    return partner;
  };
}

function makeCredentials(given: Partial<GatewayCredentials> = {}): GatewayCredentials {
  return {
    tokenId: randomUUID(),
    tokenSecret: randomBytes(24).toString('base64url'),
    username: 'integration@sandbox.example',
    password: randomBytes(18).toString('base64url'),
    ...given,
  };
}
