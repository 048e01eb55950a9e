import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import { createRequestLimiter } from '@mft-bridge/http-transport';
import type { Logger } from 'pino';
import manifest from '../package.json';
import { openGateway } from './clients/open-gateway';
import { openScanner } from './clients/open-scanner';
import type { BridgeConfig } from './config/schema';
import { createAs2Destination } from './destinations/as2';
import type { Destination } from './destinations/destination';
import { createFolderDestination } from './destinations/folder';
import type { Ledger } from './ledger/ledger';
import { createLedgerClock } from './ledger/ledger-clock';
import type { Role } from './ledger/membership';
import type { OpenWriter } from './ledger/sqlite-writer';
import { openStorage } from './open-storage';
import { createAcknowledgeStage } from './pipeline/acknowledge';
import { createCommandStage } from './pipeline/command';
import { createConfirmStage } from './pipeline/confirm';
import type { PipelineContext } from './pipeline/context';
import { createDecideStage } from './pipeline/decide';
import { createDeliverStage } from './pipeline/deliver';
import { createDestinationWatch } from './pipeline/destination-watch';
import { createDisposeStage } from './pipeline/dispose';
import { createTurns } from './pipeline/in-order';
import { openIntake } from './pipeline/intake';
import { openBreakers } from './pipeline/open-breakers';
import { createPoller } from './pipeline/poller';
import { createProbe } from './pipeline/probe';
import { createReconcileStage } from './pipeline/reconcile';
import { createRetention } from './pipeline/retention';
import { createRunner } from './pipeline/runner';
import { createScanStage } from './pipeline/scan';
import { pipelineSettings, toRoute } from './pipeline/settings';
import { createSelfTest } from './pipeline/self-test';
import { shareLimits } from './pipeline/share-limits';
import { createSweeper } from './pipeline/sweeper';
import { memberName, severalOptions } from './several-options';
import { createActivity } from './telemetry/activity';
import { createMetrics } from './telemetry/metrics';
import { createPrivateListener } from './web/private-listener';
import { createPublicListener } from './web/public-listener';

export interface Bridge {
  /** Where the private listener answers. */
  readonly url: string;
  /** Resolves when the ledger cannot be written any more, whatever is tried: the process must end and be started anew. */
  readonly lost: Promise<Error>;
  /** Takes nothing new, lets running steps end within `graceMs`, gives the rest back, and closes. */
  stop(graceMs: number): Promise<void>;
}

/** Puts the bridge together and starts it. What was opened before something failed is closed again. */
export async function openBridge(
  config: BridgeConfig,
  rootLog: Logger,
  openWriter: OpenWriter,
): Promise<Bridge> {
  const isShared = config.ledger.postgres?.singleNode === false;
  const log = isShared ? rootLog.child({ member: memberName(config) }) : rootLog;
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) await close();
  };
  try {
    return await assemble(config, log, openWriter, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function assemble(
  config: BridgeConfig,
  log: Logger,
  openWriter: OpenWriter,
  closers: (() => Promise<unknown>)[],
  closeAll: () => Promise<void>,
): Promise<Bridge> {
  const monotonic = (): number => performance.now();
  const clock = createLedgerClock({ wall: Date.now, monotonic });
  const several = severalOptions(config, { clock, monotonic, log });
  const now = several === undefined ? Date.now : clock.now;
  let onLost: (error: Error) => void = () => undefined;
  const lost = new Promise<Error>((resolve) => (onLost = resolve));
  const { ledger, membership, patience, custody, sealer } = await openStorage(config, log, {
    openWriter,
    now,
    monotonic,
    several,
    onLost,
    closers,
  });

  const gateway = openGateway(config);
  closers.push(() => gateway.close());
  const scanner = openScanner(config);
  closers.push(() => scanner.close());

  const activity = createActivity({ now });
  const metrics = createMetrics({ version: manifest.version, sources: metricSources(ledger), activity });
  const { perSecond } = config.scanner.poll;
  const polls = createRequestLimiter({
    perSecond,
    burst: perSecond,
    now: monotonic,
    sleep: async (ms, signal) => sleep(ms, undefined, { signal }),
  });
  const { requestsPerSecond, burst } = config.gateway;
  shareLimits(membership, [
    { limit: { perSecond, burst: perSecond }, keeper: polls },
    ...(requestsPerSecond === false
      ? []
      : [{ limit: { perSecond: requestsPerSecond, burst }, keeper: gateway }]),
  ]);
  const clocks = { now, monotonic, random: Math.random };
  const newId = (): string => randomUUID().replaceAll('-', '');
  const context: PipelineContext = {
    ...clocks,
    ...(several === undefined ? {} : { membership, patience, wall: Date.now }),
    ledger,
    custody,
    gateway,
    scanner,
    destinations: openDestinations(config, { gateway, ledger, newId }),
    routes: config.routes.map(toRoute),
    policy: config.policy,
    activity,
    breakers: openBreakers(
      {
        gateway: { client: gateway, baseUrl: config.gateway.baseUrl },
        scanner: { client: scanner, baseUrl: config.scanner.baseUrl },
      },
      {
        ...clocks,
        log,
        activity,
        wake() {
          membership.tellDown(openOutages(context));
          runner.wake();
        },
      },
    ),
    metrics,
    settings: pipelineSettings(config),
    log,
    newId,
    pollBudget: (signal) => polls.take(0, signal),
    scannerRefusal: () => selfTest.refusal(),
    isDoubtful: (from, to) => selfTest.isDoubtful(from, to),
    forwardingRefusal: () =>
      config.mode === 'observe'
        ? 'mode observe: nothing is forwarded'
        : (membership.refusal() ?? selfTest.refusal()),
    settled: (message) => turns(message),
    wake: () => runner.wake(),
  };
  const turns = createTurns(context);
  const selfTest = createSelfTest(context, {
    enabled: config.scanner.selfTest.enabled,
    intervalMs: config.scanner.selfTest.interval,
    deadlineMs: config.scanner.selfTest.deadline,
    firstPollMs: config.scanner.poll.first,
  });
  const retention = createRetention(context, config.retention);
  const runner = createRunner(context, {
    stages: {
      acknowledge: createAcknowledgeStage(context),
      scan: createScanStage(context),
      decide: createDecideStage(context),
      deliver: createDeliverStage(context),
      confirm: createConfirmStage(context),
      dispose: createDisposeStage(context),
      reconcile: createReconcileStage(context),
      command: createCommandStage(context),
    },
    limits: {
      acknowledge: 4,
      scan: config.scanner.concurrency,
      decide: 4,
      deliver: config.delivery.concurrency,
      confirm: 4,
      dispose: 2,
      reconcile: 2,
      command: 2,
    },
    bounds: { gateway: config.gateway.concurrency, scanner: config.scanner.concurrency },
  });
  const intake = await openIntake(context);
  const poller = createPoller(context, intake, { intervalMs: config.intake.pollInterval });
  const sweeper = createSweeper(context, intake, { intervalMs: config.intake.sweepInterval });
  const probe = createProbe(context);
  const destinationWatch = createDestinationWatch(context);
  const listener = createPrivateListener({
    token: config.web.private.token,
    ledger,
    activity,
    metrics,
    log,
    newId: context.newId,
    now,
    asked: () => runner.wake(),
  });
  const { url } = await listener.listen(config.web.private);
  closers.push(() => listener.close());
  const onWebhook = (): void => {
    poller.hint();
    // Whoever polls the station may be another bridge.
    membership.hintOthers('intake');
  };
  await openWebhook(config, log, { onHint: onWebhook, closers });
  membership.onHint((hint) => (hint === 'work' ? runner.wake() : poller.hint()));
  membership.onChange(() => {
    runner.wake();
    poller.hint();
  });
  await membership.seek([
    ...config.gateway.stations.map((station): Role => `intake:${station}`),
    'seal',
    'retention',
    'self-test',
  ]);

  sealer.start();
  runner.start();
  poller.start();
  sweeper.start();
  probe.start();
  // In mode observe nothing is delivered: folders are left as they are.
  if (config.mode === 'enforce') destinationWatch.start();
  selfTest.start();
  retention.start();
  log.info({ url }, 'the bridge is running');
  return {
    url,
    lost,
    async stop(graceMs) {
      await retention.stop();
      await selfTest.stop();
      await destinationWatch.stop();
      await probe.stop();
      await sweeper.stop();
      await poller.stop();
      await runner.stop(graceMs);
      await closeAll();
      log.info('the bridge has stopped');
    },
  };
}

function openOutages({ breakers }: Pick<PipelineContext, 'breakers'>): readonly string[] {
  const outages = Object.values(breakers).flatMap((breaker) => breaker.outages());
  return outages.filter(({ isOpen }) => isOpen).map(({ prefix }) => prefix);
}

/** Off unless it is configured: it only brings the next poll forward. */
async function openWebhook(
  { web, gateway }: BridgeConfig,
  log: Logger,
  { onHint, closers }: { onHint: () => void; closers: (() => Promise<unknown>)[] },
): Promise<void> {
  if (web.public === null) return;
  const { secrets, ...address } = web.public;
  const listener = createPublicListener({ secrets, stations: gateway.stations, onHint });
  const { host, port } = { ...address, ...(await listener.listen(address)) };
  closers.push(() => listener.close());
  log.info({ host, port }, 'the webhook is listened for');
}

function openDestinations(
  config: BridgeConfig,
  { gateway, ledger, newId }: { gateway: As2GatewayClient; ledger: Ledger; newId: () => string },
): ReadonlyMap<string, Destination> {
  const destinations = new Map<string, Destination>();
  for (const [name, options] of Object.entries(config.destinations)) {
    const destination =
      options.kind === 'as2'
        ? createAs2Destination({ ...options, name, settleMs: config.delivery.settle, gateway })
        : createFolderDestination({ ...options, name, records: ledger.settings, newId });
    destinations.set(name, destination);
  }
  return destinations;
}

function metricSources(ledger: Ledger) {
  return {
    messagesByState: () => ledger.messages.countByState(),
    dueByKind: () => ledger.due.count(),
    intakeFailures: async () => (await ledger.intakeFailures.list()).length,
  };
}
