import { randomBytes, randomUUID } from 'node:crypto';
import { createBlobStore } from '../blob-store';
import { createCallLog } from '../call-log';
import type { SandboxHandle } from '../handle';
import { startServer } from '../server';
import { createApiApp } from './api-app';
import { createFilesApp } from './files-app';
import { createGatewayState } from './gateway-state';
import { createNames } from './names';
import type { As2GatewaySandboxOptions, GatewayCredentials } from './options';
import type { ReceivedRecord } from './outbound';
import { createOutbound } from './outbound';
import type { SandboxPartner, SentRecord } from './partner';
import { createPartner } from './partner';
import { createSessions } from './sessions';
import { submitRoute } from './submit-route';

/** A running gateway. */
export interface As2GatewaySandbox extends SandboxHandle {
  /** Base URL of the pre-signed URLs: another port, as S3 is another host. Plugged and unplugged with the API. */
  readonly filesUrl: string;
  readonly credentials: GatewayCredentials;
  /** AS2 identifiers. */
  readonly stations: readonly string[];
  readonly partners: readonly string[];
  /** @throws Error where there is no such partner. */
  partner(identifier: string): SandboxPartner;
  /** What all partners sent, oldest first. */
  readonly sent: readonly SentRecord[];
  /** What all partners received, oldest first. */
  readonly received: readonly ReceivedRecord[];
}

/**
 * Starts MFT Gateway as a local server, with partners on its other side.
 *
 * @throws Error where a port is taken.
 * @example
 * const gateway = await startAs2GatewaySandbox();
 * await gateway.partner('ACME').send({ attachments: [{ name: 'po.edi', content: Buffer.from('ISA*00*') }] });
 * // … let your code fetch it from gateway.url with gateway.credentials …
 * await gateway.close();
 */
export async function startAs2GatewaySandbox(
  options: As2GatewaySandboxOptions = {},
): Promise<As2GatewaySandbox> {
  const {
    clock = Date.now,
    host = '127.0.0.1',
    stations = ['HUB'],
    partners = ['ACME', 'GLOBEX', 'WAREHOUSE'],
  } = options;
  const credentials = makeCredentials(options.credentials);
  const log = createCallLog();
  const blobs = createBlobStore();
  const state = createGatewayState({
    clock,
    blobs,
    stations,
    partners: partners.map((partner) => (typeof partner === 'string' ? { identifier: partner } : partner)),
  });
  const outbound = createOutbound(state, {
    sendDelayMs: options.sendDelayMs ?? 250,
    hiddenMs: options.outboxHiddenMs ?? 100,
    outcomeOf: options.outcomeOf ?? (() => ({ box: 'sent' })),
  });
  const names = createNames(options.names ?? 'v2', options.submitIdKey);
  const files = await startServer(createFilesApp(state.objects, log, clock), {
    host,
    port: options.filesPort,
  });
  // The API needs its own address for the Link header: nothing can ask before it listens.
  let url = '';
  const context = { state, outbound, names, filesUrl: () => files.url };
  const submit = submitRoute(state, outbound, names, {
    maxBytes: options.maxSubmitBytes ?? 10 * 1024 * 1024,
    baseUrl: () => url,
  });
  const sessions = createSessions(credentials, clock);
  const api = await startServer(createApiApp(context, { sessions, submit, log }), {
    host,
    port: options.port,
  }).catch(async (error: unknown) => {
    await files.close();
    throw error;
  });
  url = api.url;

  const sent: SentRecord[] = [];
  const known = new Map(
    [...state.partners.keys()].map((partner) => [partner, createPartner(partner, state, outbound, sent)]),
  );
  return {
    url,
    filesUrl: files.url,
    credentials,
    stations,
    partners: [...known.keys()],
    calls: log.counts,
    onCall: (listener) => log.onCall(listener),
    sent,
    get received() {
      return [...known.values()].flatMap((partner) => partner.received).sort((a, b) => a.at - b.at);
    },
    get plugged() {
      return api.plugged;
    },
    partner(identifier) {
      const partner = known.get(identifier);
      if (partner === undefined)
        throw new Error(
          `There is no partner ${identifier}: this gateway has ${[...known.keys()].join(', ')}.`,
        );
      return partner;
    },
    async unplug() {
      await Promise.all([api.unplug(), files.unplug()]);
    },
    async plug() {
      await Promise.all([api.plug(), files.plug()]);
    },
    async close() {
      await Promise.all([api.close(), files.close()]);
      await blobs.close();
    },
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
