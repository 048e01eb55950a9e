import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { As2GatewaySandbox, As2GatewaySandboxOptions, SandboxClock } from '@mft-bridge/sandbox';
import { createSandboxClock, startAs2GatewaySandbox } from '@mft-bridge/sandbox';
import { openDirectoryCustody } from '../../custody/directory-custody';
import { openKeyRing } from '../../custody/key-ring';
import type { Destination } from '../../destinations/destination';
import type { Message } from '../../domain/message';
import { messageState } from '../../domain/message';
import type { Route } from '../../domain/route';
import type { Membership } from '../../ledger/membership';
import type { TemporaryLedger } from '../../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../../ledger/test/temporary-ledger';
import { createActivity } from '../../telemetry/activity';
import { createLogger } from '../../telemetry/log';
import { createAcknowledgeStage } from '../acknowledge';
import type { PipelineContext, PipelineSettings } from '../context';
import type { Intake } from '../intake';
import { openIntake } from '../intake';

export interface IntakeChanges {
  readonly settings?: Partial<PipelineSettings>;
  readonly route?: Partial<Route>;
  readonly gateway?: PipelineContext['gateway'];
  readonly membership?: Membership;
  /** Stands in for what custody says of its room. */
  readonly room?: () => Promise<number>;
  readonly patience?: PipelineContext['patience'];
}

export interface RunningIntake extends Intake {
  readonly context: PipelineContext;
  readonly activity: ReturnType<typeof createActivity>;
  /** A round of the poll, and another while there may be more. */
  pollAll(): Promise<void>;
  sweepAll(): Promise<boolean>;
  /** Does the due acknowledgements. */
  acknowledge(): Promise<void>;
}

/** Intake over a real gateway, a real ledger and real custody, with a clock that stands until it is moved. */
export interface IntakeFixture {
  readonly gateway: As2GatewaySandbox;
  /** For what others do at the gateway. */
  readonly other: As2GatewayClient;
  readonly clock: SandboxClock;
  readonly temporary: TemporaryLedger;
  /** As after a restart. */
  open(changes?: IntakeChanges): Promise<RunningIntake>;
  send(messageId: string, text?: string, from?: string): Promise<void>;
  messages(): Promise<readonly Message[]>;
  /** `id: state, reasons` of all messages, sorted. */
  stock(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const day = 24 * 3_600_000;
export const noSignal = new AbortController().signal;

export async function openIntakeFixture(options: As2GatewaySandboxOptions = {}): Promise<IntakeFixture> {
  const root = await mkdtemp(join(tmpdir(), 'intake-'));
  const started = Date.UTC(2026, 5, 1);
  const clock = createSandboxClock(() => started);
  const gateway = await startAs2GatewaySandbox({ clock: clock.now, ...options });
  const temporary = await openTemporaryLedger();
  const { ring } = await openKeyRing({ path: join(root, 'keys.json'), holdsData: false, now: () => 0 });
  const custody = await openDirectoryCustody({
    directory: join(root, 'custody'),
    keyRing: ring,
    minFreeBytes: 0,
  });
  const { tokenId, tokenSecret } = gateway.credentials;
  const connect = (): As2GatewayClient =>
    new As2GatewayClient({
      baseUrl: gateway.url,
      auth: { tokenId, tokenSecret },
      limit: false,
      now: clock.now,
    });
  const own = connect();
  const other = connect();
  let ids = 0;

  async function messages(): Promise<readonly Message[]> {
    const { items } = await temporary.ledger.messages.list({ limit: 200 });
    return items.map(({ message }) => message);
  }

  return {
    gateway,
    other,
    clock,
    temporary,
    messages,
    async open({ settings = {}, route = {}, gateway: client = own, membership, patience, room } = {}) {
      const activity = createActivity({ now: clock.now });
      const context = {
        ledger: temporary.ledger,
        custody: room === undefined ? custody : { ...custody, room },
        gateway: client,
        membership,
        patience,
        destinations: new Map([['warehouse', traits]]),
        routes: [{ ...anyRoute, ...route }],
        activity,
        metrics: { transition: () => undefined, bytes: () => undefined },
        settings: { ...ordinary, startFrom: started - 10 * day, ...settings },
        log: createLogger({ level: 'error', destination: { write: () => undefined } }),
        now: clock.now,
        random: () => 0.5,
        newId: () => (ids += 1).toString(16).padStart(32, '0'),
        wake: () => undefined,
      } as unknown as PipelineContext;
      const intake = await openIntake(context);
      const stage = createAcknowledgeStage(context);
      return {
        ...intake,
        context,
        activity,
        async pollAll() {
          while ((await intake.poll(noSignal)).more);
        },
        sweepAll: () => intake.sweep(noSignal),
        async acknowledge() {
          const claim = { limits: { acknowledge: 1_000 }, now: clock.now(), leaseMs: 1 };
          for (const work of await temporary.ledger.due.claim(claim)) await stage.run(work, noSignal);
        },
      };
    },
    async send(messageId, text = messageId, from = 'ACME') {
      await gateway.partner(from).send({ messageId, attachments: [file(text)] });
    },
    async stock() {
      return (await messages())
        .map((message) => {
          const codes = message.obligations.flatMap(({ reasons }) => reasons.map(({ code }) => code));
          return `${message.gatewayId}: ${[messageState(message), ...new Set(codes)].join(', ')}`;
        })
        .sort();
    },
    async close() {
      await own.close();
      await other.close();
      await gateway.close();
      await custody.close();
      await temporary.close();
      await rm(root, { recursive: true });
    },
  };
}

export const file = (text: string): { name: string; content: Buffer } => ({
  name: 'order.txt',
  content: Buffer.from(text),
});

const traits = {
  name: 'warehouse',
  unit: 'message',
  maxBytes: null,
  carriesName: () => true,
} as unknown as Destination;

const anyRoute: Route = {
  name: 'all',
  match: { station: null, partner: null },
  destinations: ['warehouse'],
  onUnknown: 'hold',
  readElsewhere: 'hold',
  inOrder: false,
};

const ordinary: Omit<PipelineSettings, 'startFrom' | 'scan' | 'delivery'> = {
  mode: 'enforce',
  stations: ['HUB'],
  maxAttachmentBytes: 1e9,
  maxMessageBytes: 1e9,
  highWaterMessages: 10_000,
  highWaterBytes: 1e12,
  intakeConcurrency: 4,
  intakeTries: 3,
  retry: { baseMs: 1_000, maxMs: 10_000, tries: 3 },
};
