import { openSqliteLedgerReader } from '../../src/ledger/sqlite-ledger-reader';
import type { BridgeProcess } from './bridge-process';
import { startBridgeProcess } from './bridge-process';
import type { Rig } from './open-rig';
import { openRig } from './open-rig';
import { eicar, encryptedZip, noise, purchaseOrder, scriptedSvg, threeFiles } from './partner-samples';
import { describeProgress, isDone, readProgress } from './progress';
import { as2MaxBytes } from './rig-config';
import type { Stock } from './take-stock';
import { takeStock } from './take-stock';
import { until } from './until';

/** Where the bridge is killed: at the nth time that it comes to one of its own points, or that a service sees a call. */
export type KillPoint =
  | { readonly kind: 'step'; readonly name: string; readonly nth: number }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly phase: 'received' | 'answered';
      readonly nth: number;
    };

export interface KillRun {
  readonly stock: Stock;
  /** How often the bridge was killed: once, or never where it did not come to the point. */
  readonly kills: number;
  /** Ids that were marked read at the gateway when the bridge was dead, and stood in no ledger. */
  readonly readWithoutCustody: readonly string[];
  /** Calls that the services saw, in order. */
  readonly calls: readonly string[];
  /** What the bridge that ended it all said. */
  readonly lines: readonly string[];
}

/** Drawn once: every run must lead to the same table. */
const large = noise('drawing.dwg', as2MaxBytes + 1);
const archive = noise('scan.tiff', 300_000);
const zip = encryptedZip();
const reusedId = '<850-4711@acme.example>';
/** What `killRun` sends before it uses an id again. */
const firstMessages = 7;

/** Runs the whole scenario on services of its own, killing the bridge at one point and starting it again. */
export async function killRun(
  script: string,
  point: KillPoint | null,
  { stepLog }: { stepLog?: string } = {},
): Promise<KillRun> {
  const rig = await openRig();
  const supervisor = supervise(rig, { script, point, ...(stepLog === undefined ? {} : { stepLog }) });
  try {
    await sendFirst(rig);
    supervisor.start();
    await supervisor.done('all messages of the first round are settled', firstMessages);

    await rig.gateway
      .partner('ACME')
      .send({ messageId: reusedId, subject: 'Order 4711', attachments: [purchaseOrder(12)] });
    await supervisor.done('the copy was recognised', firstMessages, ({ messages }) =>
      messages.some(({ gatewayId, resends }) => gatewayId === reusedId && resends > 0),
    );
    await rig.gateway
      .partner('ACME')
      .send({ messageId: reusedId, subject: 'Order 4711', attachments: [purchaseOrder(13)] });
    await supervisor.done('the other bytes under the same id are held', firstMessages + 1);
    await supervisor.stop();
    const { kills, readWithoutCustody, calls, lines } = supervisor.report();
    return { stock: await takeStock(rig), kills, readWithoutCustody, calls, lines };
  } finally {
    await supervisor.abandon();
    await rig.close();
  }
}

async function sendFirst({ gateway }: Rig): Promise<void> {
  const acme = gateway.partner('ACME');
  await acme.send({ messageId: reusedId, subject: 'Order 4711', attachments: [purchaseOrder(12)] });
  await acme.send({ messageId: '<three@acme.example>', subject: 'Invoice', attachments: threeFiles() });
  await acme.send({ messageId: '<eicar@acme.example>', attachments: [eicar()] });
  await acme.send({ messageId: '<svg@acme.example>', subject: 'Label', attachments: [scriptedSvg()] });
  await acme.send({ messageId: '<zip@acme.example>', attachments: [await zip] });
  await acme.send({ messageId: '<large@acme.example>', attachments: [large] });
  await gateway.partner('GLOBEX').send({ messageId: '<scan@globex.example>', attachments: [archive] });
}

interface Supervision {
  readonly script: string;
  readonly point: KillPoint | null;
  readonly stepLog?: string;
}

function supervise(rig: Rig, { script, point, stepLog }: Supervision) {
  const calls: string[] = [];
  const readWithoutCustody: string[] = [];
  let current: BridgeProcess | undefined;
  let kills = 0;
  let seen = 0;
  let watching = true;
  let failure: Error | undefined;
  let mode: 'running' | 'stopping' | 'abandoned' = 'running';
  /** Until the end of the last process was looked into. */
  let handled: Promise<void> = Promise.resolve();

  for (const service of [rig.gateway, rig.scanner]) {
    service.onCall(({ operation, phase }) => {
      if (!watching) return;
      if (phase === 'received') calls.push(operation);
      if (point?.kind !== 'call' || point.name !== operation || point.phase !== phase) return;
      seen += 1;
      if (seen === point.nth) current?.signal('SIGKILL');
    });
  }

  function launch(env: Readonly<Record<string, string>>): void {
    const bridge = startBridgeProcess({
      script,
      configFile: rig.config.file,
      env: { ...rig.config.env, ...env },
    });
    current = bridge;
    handled = bridge.end.then(onEnd).catch((error: unknown) => {
      failure = error as Error;
    });
  }

  async function onEnd({
    code,
    signal,
  }: {
    code: number | null;
    signal: NodeJS.Signals | null;
  }): Promise<void> {
    if (mode === 'abandoned' || (mode === 'stopping' && signal !== 'SIGKILL')) return;
    if (signal !== 'SIGKILL') {
      failure = new Error(
        `the bridge ended by itself (${String(code ?? signal)}):\n${current?.lines.slice(-20).join('\n') ?? ''}`,
      );
      return;
    }
    kills += 1;
    try {
      watching = false;
      readWithoutCustody.push(...(await findReadWithoutCustody(rig)));
    } finally {
      watching = true;
    }
    launch({});
  }

  return {
    start() {
      const killEnv: Record<string, string> =
        point?.kind === 'step' ? { KILL_TEST_POINT: point.name, KILL_TEST_NTH: String(point.nth) } : {};
      launch({ ...killEnv, ...(stepLog === undefined ? {} : { KILL_TEST_LOG: stepLog }) });
    },
    async done(
      what: string,
      count: number,
      also: (progress: Awaited<ReturnType<typeof readProgress>>) => boolean = () => true,
    ) {
      await until(
        what,
        async () => {
          if (failure !== undefined) throw failure;
          const progress = await readProgress(rig.config.ledgerFile);
          return isDone(progress, count) && also(progress) ? true : undefined;
        },
        {
          withinMs: 90_000,
          everyMs: 120,
          facts: async () => describeProgress(await readProgress(rig.config.ledgerFile), current?.lines),
        },
      );
    },
    async stop() {
      mode = 'stopping';
      // Twice, where the very last of its points came after all was settled.
      for (let turn = 0; turn < 2; turn += 1) {
        const bridge = current;
        // Before it runs a signal would end it as any other program.
        await bridge?.url.catch(() => undefined);
        bridge?.signal('SIGTERM');
        const end = await bridge?.end;
        if (end?.code === 0) {
          watching = false;
          return;
        }
        await until('it was started again', () =>
          current === bridge && failure === undefined ? undefined : true,
        );
      }
      throw failure ?? new Error('the bridge did not end in order');
    },
    async abandon() {
      mode = 'abandoned';
      current?.signal('SIGKILL');
      await handled;
    },
    report: () => ({ kills, readWithoutCustody, calls, lines: current?.lines ?? [] }),
  };
}

async function findReadWithoutCustody({ gateway, config, unread }: Rig): Promise<readonly string[]> {
  const stillUnread = new Set(await unread());
  const read = gateway.sent.map(({ messageId }) => messageId).filter((id) => !stillUnread.has(id));
  if (read.length === 0) return [];
  const reader = await openSqliteLedgerReader(config.ledgerFile);
  try {
    const found = await Promise.all(
      gateway.sent
        .filter(({ messageId }) => read.includes(messageId))
        .map(async ({ messageId, attachments }) => {
          const known = await reader.messages.findByGatewayId(messageId);
          const wanted = attachments.map(({ sha256 }) => sha256).join();
          return known.some((message) => message.attachments.map(({ sha256 }) => sha256).join() === wanted)
            ? []
            : [messageId];
        }),
    );
    return found.flat();
  } finally {
    await reader.close();
  }
}
