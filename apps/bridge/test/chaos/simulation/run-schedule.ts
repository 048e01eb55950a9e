import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import type { Custody } from '../../../src/custody/custody';
import { createAs2Destination } from '../../../src/destinations/as2';
import type { Stage } from '../../../src/domain/message-event';
import { newMessage } from '../../../src/domain/new-message';
import { defaultPolicy } from '../../../src/domain/policy';
import type { Route } from '../../../src/domain/route';
import { createAcknowledgeStage } from '../../../src/pipeline/acknowledge';
import { createCommandStage } from '../../../src/pipeline/command';
import { createConfirmStage } from '../../../src/pipeline/confirm';
import type { PipelineContext } from '../../../src/pipeline/context';
import { createDecideStage } from '../../../src/pipeline/decide';
import { createDeliverStage } from '../../../src/pipeline/deliver';
import { createDisposeStage } from '../../../src/pipeline/dispose';
import { createReconcileStage } from '../../../src/pipeline/reconcile';
import { createScanStage } from '../../../src/pipeline/scan';
import type { StageHandler } from '../../../src/pipeline/stage';
import type { Random } from '../random';
import { createRandom } from '../random';
import { checkPromises } from './check-promises';
import type { Fate } from './fake-scanner';
import { createFakeScanner } from './fake-scanner';
import { createFakeGateway } from './fake-gateway';
import { createMemoryLedger } from './memory-ledger';
import { createPlayer, quiet } from './player';
import { createWorld } from './world';

const settleMs = 30_000;
const tries = 6;
/** Long enough for every deadline of the settings below. */
const patience = 20_000;

export interface ScheduleFacts {
  readonly steps: number;
  readonly crashes: number;
  readonly messages: number;
  readonly arrivals: number;
  readonly violations: readonly string[];
}

/** Plays one seed: messages, calls, failures and crashes in the order that it draws; then lets everything come to its end. */
export async function runSchedule(seed: number): Promise<ScheduleFacts> {
  const random = createRandom(seed);
  const world = createWorld(random, random.pick([0, 0.05, 0.2, 0.5]));
  const memory = createMemoryLedger();
  const fates = new Map<string, Fate>();
  const scanner = createFakeScanner(world, random, (content) => fates.get(content.toString()) ?? 'failed');
  const gateway = createFakeGateway(world, random, random.pick([0, 0.2]));
  const contents = new Map<string, Buffer>();
  const route: Route = {
    name: 'orders',
    match: { station: null, partner: null },
    destinations: ['warehouse'],
    onUnknown: random.pick(['hold', 'resend']),
    readElsewhere: 'hold',
    inOrder: random.chance(0.3),
  };
  let ids = 0;
  const newId = (): string => (ids += 1).toString(16).padStart(32, '0');
  const context = {
    ledger: memory.ledger,
    custody: {
      open: (key: string) => Readable.from([contents.get(key) ?? Buffer.alloc(0)]),
      remove: () => Promise.resolve(),
    } as unknown as Custody,
    gateway: gateway.client,
    scanner,
    destinations: new Map([
      [
        'warehouse',
        createAs2Destination({
          name: 'warehouse',
          from: 'HUB',
          to: 'WAREHOUSE',
          subject: null,
          maxBytes: 1_000_000,
          settleMs,
          gateway: gateway.client,
        }),
      ],
    ]),
    routes: [route],
    policy: defaultPolicy,
    activity: { begin: () => ({ progress: () => undefined, end: () => undefined }) },
    metrics: { transition: nothing, bytes: nothing, retry: nothing, step: nothing },
    pollBudget: () => Promise.resolve(),
    settings: {
      mode: 'enforce',
      scan: {
        deadlineMs: 3_600_000,
        expiresAfterMs: 3_600_000,
        firstPollMs: 1_000,
        maxPollMs: 30_000,
        readBack: false,
      },
      delivery: {
        tries,
        deadlineMs: 24 * 3_600_000,
        confirmDeadlineMs: 3_600_000,
        confirmPollMs: 5_000,
        sendWithinMs: 120_000,
        searchForMs: 24 * 3_600_000,
      },
      retry: { baseMs: 1_000, maxMs: 300_000, tries },
    },
    log: pino({ level: 'silent' }),
    now: () => world.now(),
    monotonic: () => world.now(),
    random: () => random.next(),
    newId,
    scannerRefusal: () => null,
    isDoubtful: () => false,
    forwardingRefusal: () => null,
    wake: nothing,
  } as unknown as PipelineContext;
  const handlers = createHandlers(context);

  await admit(random, { world, memory, contents, fates, route, newId, context });
  const player = createPlayer({ handlers, context, memory, world, random });

  const disturbed = 40 + random.below(200);
  let crashes = 0;
  for (let turn = 0; turn < disturbed; turn += 1) {
    const dice = random.below(100);
    if (dice < 45) await world.settleOne();
    else if (dice < 85) await player.claim();
    else if (dice < 97) await world.advance(random.pick([10, 1_000, 5_000, 60_000, 200_000]));
    else {
      crashes += 1;
      player.crash();
      world.abandonAll(settleMs - 5_000);
      memory.restart(world.now());
    }
    await quiet();
  }

  world.calm();
  for (let turn = 0; turn < patience && (memory.due().length > 0 || world.pending() > 0); turn += 1) {
    await player.claim();
    while (world.pending() > 0) {
      await world.settleOne();
      await quiet();
    }
    await quiet();
    const next = Math.min(...memory.due().map(({ dueAt }) => dueAt));
    if (Number.isFinite(next) && next > world.now()) await world.advance(next - world.now());
  }
  const violations = checkPromises({ memory, gateway, fates });
  if (memory.due().length > 0) violations.push(`work was never done: ${JSON.stringify(memory.due()[0])}`);
  violations.push(...player.faults());
  return {
    steps: player.steps(),
    crashes,
    messages: memory.messages.size,
    arrivals: gateway.arrivals.length,
    violations,
  };
}

function createHandlers(context: PipelineContext): Readonly<Record<Stage, StageHandler>> {
  return {
    acknowledge: createAcknowledgeStage(context),
    scan: createScanStage(context),
    decide: createDecideStage(context),
    deliver: createDeliverStage(context),
    confirm: createConfirmStage(context),
    dispose: createDisposeStage(context),
    reconcile: createReconcileStage(context),
    command: createCommandStage(context),
  };
}

interface Admission {
  readonly world: ReturnType<typeof createWorld>;
  readonly memory: ReturnType<typeof createMemoryLedger>;
  readonly contents: Map<string, Buffer>;
  readonly fates: Map<string, Fate>;
  readonly route: Route;
  readonly newId: () => string;
  readonly context: PipelineContext;
}

/** Takes a few messages into custody, some of them with the very same bytes. */
async function admit(
  random: Random,
  { world, memory, contents, fates, route, newId, context }: Admission,
): Promise<void> {
  const words = ['alpha', 'beta', 'gamma'];
  for (let number = 1 + random.below(3); number > 0; number -= 1) {
    const attachments = Array.from({ length: 1 + random.below(2) }, (_, index) => {
      const word = random.pick(words);
      const content = Buffer.from(word);
      if (!fates.has(word))
        fates.set(word, random.pick(['cleared', 'cleared', 'blocked', 'failed', 'overridden']));
      const custodyKey = newId();
      contents.set(custodyKey, content);
      return {
        name: `${String(index)}.edi`,
        contentType: null,
        media: 'edi' as const,
        size: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
        custodyKey,
      };
    });
    const { message, events, effects } = newMessage({
      station: 'HUB',
      partner: random.pick(['ACME', 'GLOBEX']),
      gatewayId: `<${String(number)}@partner>`,
      subject: null,
      gatewayTime: world.now(),
      takenAt: world.now(),
      attachments,
      contentDigest: String(number),
      route,
      destinations: [...context.destinations.values()],
      conflict: null,
      mode: 'enforce',
      newId,
    });
    await memory.ledger.commit({ after: message, events, next: effects, at: world.now() });
    await world.advance(1_000);
  }
}

const nothing = (): void => undefined;
