/**
 * 10 KB messages end to end, partner to partner: `pnpm bench small-messages [--messages 1000] [--to as2|folder]`
 *
 * First a backlog as fast as it goes, then as many messages as half of that rate gives in `--seconds`, for the time
 * that one message takes. `--profile DIR` writes a CPU profile of the bridge, `--keep` leaves log and ledger behind.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { countWarnings, readTransitions, spans } from './bridge-log';
import { machineNote, processFigures } from './process-figures';
import type { Rig } from './rig';
import { openRig } from './rig';
import type { Sent } from './sandbox-control';
import { median, quantile } from './statistics';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000' },
    to: { type: 'string', default: 'as2' },
    concurrency: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '5' },
    profile: { type: 'string' },
    'node-flag': { type: 'string', multiple: true, default: [] },
    keep: { type: 'boolean', default: false },
  },
});
const partner = values.to === 'folder' ? 'GLOBEX' : 'ACME';
const messageBytes = 10_240;
const rig = await openRig({ concurrency: Number(values.concurrency) }, values.keep);
if (values.keep) process.stdout.write(`${rig.directory}\n`);

const backlog = await sendMany(Number(values.messages), 0);
const profile = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const bridge = await rig.startBridge([...values['node-flag'], ...profile]);
const pids = { bridge: bridge.pid, sandbox: rig.sandboxPid };
const began = { at: Date.now(), bridge: processFigures(pids.bridge), sandbox: processFigures(pids.sandbox) };
await untilDelivered(rig, backlog.length);
const ended = { at: Date.now(), bridge: processFigures(pids.bridge), sandbox: processFigures(pids.sandbox) };

const log = readTransitions(rig.bridgeLog);
const ofBacklog = backlog.flatMap(({ messageId }) => log.get(messageId) ?? []);
const first = Math.min(...ofBacklog.map((events) => events.get('taken') ?? NaN));
const last = Math.max(...ofBacklog.map((events) => events.get('delivered') ?? NaN));
const rate = (backlog.length - 1) / ((last - first) / 1000);
const share = (name: 'bridge' | 'sandbox'): string =>
  `${(((ended[name].cpuSeconds - began[name].cpuSeconds) / ((ended.at - began.at) / 1000)) * 100).toFixed(0)} %`;
const perMessage = (name: 'bridge' | 'sandbox', which: 'cpuSeconds' | 'mainThreadSeconds'): string =>
  `${(((ended[name][which] - began[name][which]) / backlog.length) * 1000).toFixed(2)} ms`;
process.stdout.write(
  `${String(backlog.length)} messages of 10 KB to ${values.to}, no request limit at the gateway, scan time zero, embedded ledger (synchronous=FULL), ${values.concurrency} at a time\n`,
);
console.table([
  {
    'messages/s': rate.toFixed(0),
    'CPU of the bridge': share('bridge'),
    'CPU of the sandbox': share('sandbox'),
    'bridge, CPU a message': perMessage('bridge', 'cpuSeconds'),
    'of it main thread': perMessage('bridge', 'mainThreadSeconds'),
    'sandbox, CPU a message': perMessage('sandbox', 'cpuSeconds'),
    'bridge, peak resident MB': ended.bridge.peakMb.toFixed(0),
  },
]);

const half = Math.max(1, rate / 2);
const paced = await sendMany(Math.ceil(half * Number(values.seconds)), 1000 / half);
await untilDelivered(rig, backlog.length + paced.length);
const after = readTransitions(rig.bridgeLog);
const ofPaced = paced.flatMap(({ messageId, at }) => {
  const events = after.get(messageId);
  return events === undefined ? [] : [new Map([...events, ['sent', at] as const])];
});
const row = (what: string, list: readonly number[]) => ({
  what,
  'median ms': median(list).toFixed(0),
  'p99 ms': quantile(list, 0.99).toFixed(0),
});
// An AS2 delivery leaves with `submitted`; what comes then is the partner's receipt. A folder has it at once.
const leaves = values.to === 'folder' ? 'delivered' : 'submitted';
process.stdout.write(`${String(paced.length)} messages at half load (${half.toFixed(0)} a second)\n`);
console.table([
  row('unread at the gateway -> in custody (polled every 50 ms)', spans(ofPaced, 'sent', 'taken')),
  row(`in custody -> ${leaves} (calls to scanner and gateway included)`, spans(ofPaced, 'taken', leaves)),
  row(`unread at the gateway -> ${leaves}`, spans(ofPaced, 'sent', leaves)),
]);

await bridge.stop();
const { sent, received, calls } = await rig.sandbox.observe();
const hashes = new Set(received.flatMap(({ attachments }) => attachments.map(({ sha256 }) => sha256)));
const arrived =
  values.to === 'folder'
    ? 'see the folder'
    : `${String(received.length)} arrived, ${String(hashes.size)} different`;
const requests = Object.values(calls).reduce((sum, count) => sum + count, 0) - sent.length;
process.stdout.write(
  `${String(sent.length)} sent, ${arrived}; ${(requests / sent.length).toFixed(1)} requests a message; ${String(countWarnings(rig.bridgeLog))} warnings in the log\n${machineNote()}\n`,
);
await rig.close();

/** At once for `everyMs` 0, else at that pace whatever becomes of the earlier ones. */
async function sendMany(count: number, everyMs: number): Promise<Sent[]> {
  const sending: Promise<Sent>[] = [];
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const wait = start + index * everyMs - performance.now();
    if (wait > 1) await sleep(wait);
    if (everyMs === 0 && index % 16 === 0) await Promise.all(sending);
    const content = randomBytes(messageBytes * 0.75).toString('base64');
    const base64 = Buffer.from(content).toString('base64');
    sending.push(rig.sandbox.send(partner, { name: `order-${String(index)}.txt`, base64 }));
  }
  return Promise.all(sending);
}

async function untilDelivered({ delivered }: Rig, count: number): Promise<void> {
  let done = 0;
  let progressAt = Date.now();
  while (done < count) {
    await sleep(1_000);
    const now = await delivered();
    if (now > done) progressAt = Date.now();
    else if (Date.now() > progressAt + 30_000)
      throw new Error(`no message was delivered for 30 s: ${String(now)} of ${String(count)}`);
    done = now;
  }
}
