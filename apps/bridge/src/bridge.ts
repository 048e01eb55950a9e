import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import { createRequestLimiter } from '@mft-bridge/http-transport';
import type { Logger } from 'pino';
import manifest from '../package.json';
import { openGateway } from './clients/open-gateway';
import { openScanner } from './clients/open-scanner';
import type { BridgeConfig } from './config/schema';
import type { Custody } from './custody/custody';
import { openDirectoryCustody } from './custody/directory-custody';
import { holdsObjects } from './custody/directory-layout';
import { openKeyRing } from './custody/key-ring';
import { createAs2Destination } from './destinations/as2';
import type { Destination } from './destinations/destination';
import { createFolderDestination } from './destinations/folder';
import type { Ledger } from './ledger/ledger';
import { openSqliteLedger } from './ledger/sqlite-ledger';
import { createAcknowledgeStage } from './pipeline/acknowledge';
import { createCommandStage } from './pipeline/command';
import { createConfirmStage } from './pipeline/confirm';
import type { PipelineContext } from './pipeline/context';
import { createDecideStage } from './pipeline/decide';
import { createDeliverStage } from './pipeline/deliver';
import { createDisposeStage } from './pipeline/dispose';
import { createIntake } from './pipeline/intake';
import { createPoller } from './pipeline/poller';
import { createProbe } from './pipeline/probe';
import { createReconcileStage } from './pipeline/reconcile';
import { createRunner } from './pipeline/runner';
import { createScanStage } from './pipeline/scan';
import { pipelineSettings, toRoute } from './pipeline/settings';
import { createSelfTest } from './pipeline/self-test';
import { sweepCustody } from './pipeline/sweep-custody';
import { createActivity } from './telemetry/activity';
import { createMetrics } from './telemetry/metrics';
import { createPrivateListener } from './web/private-listener';

export interface Bridge {
  /** Where the private listener answers. */
  readonly url: string;
  /** Takes nothing new, lets running steps end within `graceMs`, gives the rest back, and closes. */
  stop(graceMs: number): Promise<void>;
}

/** Puts the bridge together and starts it. What was opened before something failed is closed again. */
export async function openBridge(config: BridgeConfig, log: Logger): Promise<Bridge> {
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) await close();
  };
  try {
    return await assemble(config, log, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function assemble(
  config: BridgeConfig,
  log: Logger,
  closers: (() => Promise<unknown>)[],
  closeAll: () => Promise<void>,
): Promise<Bridge> {
  const now = Date.now;
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 });
  const ledgerExisted = existsSync(config.ledger.file);
  const ledger = await openSqliteLedger({ file: config.ledger.file, now, logger: log });
  closers.push(() => ledger.close());
  const custody = await openCustody(config, log, ledgerExisted);
  closers.push(() => custody.close());
  await ledger.due.voidLeases(now());
  await sweepCustody({ ledger, custody, log });

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
    now: () => performance.now(),
    sleep: (ms) => sleep(ms),
  });
  const context: PipelineContext = {
    ledger,
    custody,
    gateway,
    scanner,
    destinations: openDestinations(config, gateway),
    routes: config.routes.map(toRoute),
    policy: config.policy,
    activity,
    metrics,
    settings: pipelineSettings(config),
    log,
    now,
    monotonic: () => performance.now(),
    random: Math.random,
    newId: () => randomUUID().replaceAll('-', ''),
    pollBudget: (signal) => polls.take(0, signal),
    forwardingRefusal: () => selfTest.refusal(),
    wake: () => runner.wake(),
  };
  const selfTest = createSelfTest(context, {
    enabled: config.scanner.selfTest.enabled,
    intervalMs: config.scanner.selfTest.interval,
    deadlineMs: config.scanner.selfTest.deadline,
    firstPollMs: config.scanner.poll.first,
  });
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
  });
  const poller = createPoller(context, createIntake(context), { intervalMs: config.intake.pollInterval });
  const probe = createProbe(context);
  const listener = createPrivateListener({ token: config.web.private.token, ledger, activity, metrics, log });
  const { url } = await listener.listen(config.web.private);
  closers.push(() => listener.close());

  runner.start();
  poller.start();
  probe.start();
  selfTest.start();
  log.info({ url }, 'the bridge is running');
  return {
    url,
    async stop(graceMs) {
      await selfTest.stop();
      await probe.stop();
      await poller.stop();
      await runner.stop(graceMs);
      await closeAll();
      log.info('the bridge has stopped');
    },
  };
}

async function openCustody(
  { custody, dataDirectory }: BridgeConfig,
  log: Logger,
  ledgerExisted: boolean,
): Promise<Custody> {
  const holdsData = ledgerExisted || (await holdsObjects(custody.directory));
  const { ring, created } = await openKeyRing({ path: custody.keyFile, holdsData, now: Date.now });
  if (created) {
    log.warn(
      { file: custody.keyFile },
      'a key for custody was made: back this file up now; without it nothing in custody can be read',
    );
  }
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  return openDirectoryCustody({
    directory: custody.directory,
    keyRing: ring,
    minFreeBytes: custody.minFreeBytes,
  });
}

function openDestinations(config: BridgeConfig, gateway: As2GatewayClient): ReadonlyMap<string, Destination> {
  const destinations = new Map<string, Destination>();
  for (const [name, options] of Object.entries(config.destinations)) {
    const destination =
      options.kind === 'as2'
        ? createAs2Destination({ ...options, name, settleMs: config.delivery.settle, gateway })
        : createFolderDestination({ ...options, name });
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
