import type { Message } from '../../src/domain/message';
import { isSettled, messageState } from '../../src/domain/message';
import type { MessageSummary } from '../../src/ledger/ledger';
import type { ChaosRig } from './chaos-rig';
import { resentPartner } from './chaos-rig';
import { examineAtRest } from './examine-at-rest';
import type { Evidence } from './gather-evidence';
import { gatherEvidence } from './gather-evidence';
import type { Expected } from './traffic';

export interface Examination {
  readonly violations: readonly string[];
  /** Messages by state, and what else was counted. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface ExamineOptions {
  readonly expected: ReadonlyMap<string, Expected>;
  /** What a message may be held or dead for, beside what was expected of it, and by which it is not lost. */
  readonly excuses?: readonly string[];
  /** Whose bytes somebody altered on purpose. */
  readonly damaged?: ReadonlySet<string>;
}

/**
 * To be called when no bridge runs and nothing is left to do. What partners sent and received, what the scanner said and
 * what lies in the folder is the truth; the ledger is only asked whether it says the same.
 */
export async function examine(rig: ChaosRig, options: ExamineOptions): Promise<Examination> {
  const evidence = await rig.withLedger((reader) => gatherEvidence(rig, reader));
  if (evidence === undefined) return { violations: ['there is no ledger that could be read'], counts: {} };
  const stillUnread = await rig.unread();
  const violations = [
    ...sentIsKept(evidence, new Set(stillUnread)),
    ...ledgerInventsNothing(evidence),
    ...obligationsAreWhole(evidence),
    ...deliveredHasArrived(evidence),
    ...nothingArrivedTwice(evidence),
    ...onlyClearedBytesArrived(evidence),
    ...asExpected(evidence.items, options),
    ...(await examineAtRest(rig, evidence, options)),
    ...rig.bridge.takeFaults(),
    ...(await verifiedByCommand(rig, options)),
    ...stillUnread.map((id) => `${id} stands unread though nothing is left to do`),
  ];
  const counts: Record<string, number> = {};
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
  for (const { message } of evidence.items) {
    count(messageState(message));
    for (const { state } of message.deliveries) if (state === 'unknown') count('deliveries of unknown fate');
  }
  return { violations, counts: { ...counts, arrived: evidence.received.length + evidence.folder.length } };
}

const contentOf = (files: readonly { name?: string; sha256: string }[]): string =>
  files
    .map(({ sha256 }) => sha256)
    .sort()
    .join('+');
const identity = (id: string, from: string, files: readonly { sha256: string }[]): string =>
  `${id} of ${from} ${contentOf(files)}`;

/** Nothing that a partner sent is lost, and nothing was marked read that is not in custody. */
function sentIsKept({ items, sent }: Evidence, unread: ReadonlySet<string>): string[] {
  const kept = new Set(
    items.map(({ message: { gatewayId, partner, attachments } }) =>
      identity(gatewayId, partner, attachments),
    ),
  );
  // The id is the gateway's only address: an earlier message under a used id cannot be asked for any more.
  const newest = new Map(sent.map((record) => [record.messageId, record]));
  return [...newest.values()].flatMap(({ messageId, from, attachments }) => {
    if (kept.has(identity(messageId, from, attachments)) || unread.has(messageId)) return [];
    return [`${messageId} of ${from} was marked read, and its bytes are not in the ledger`];
  });
}

function ledgerInventsNothing({ items, sent }: Evidence): string[] {
  const known = new Set(
    sent.map(({ messageId, from, attachments }) => identity(messageId, from, attachments)),
  );
  const seen = new Set<string>();
  return items.flatMap(({ message: { gatewayId, partner, attachments } }) => {
    const key = identity(gatewayId, partner, attachments);
    const faults = known.has(key) ? [] : [`${gatewayId} stands in the ledger with bytes that nobody sent`];
    if (seen.has(key)) faults.push(`${gatewayId} was taken twice`);
    seen.add(key);
    return faults;
  });
}

const destinationsOf: Readonly<Record<string, readonly string[]>> = {
  orders: ['warehouse'],
  files: ['drive'],
  both: ['warehouse', 'drive'],
  resent: ['shop'],
};

/** One obligation for each artefact and destination, in one place, and none that waits for nothing. */
function obligationsAreWhole({ items }: Evidence): string[] {
  return items.flatMap(({ message, waiting }) => {
    const { gatewayId, route, attachments, obligations, acknowledged } = message;
    const owed = (destinationsOf[route ?? ''] ?? []).flatMap((name) =>
      attachments.map(({ id }) => `${id} ${name}`),
    );
    const found = obligations.map(
      ({ attachmentId, destination }) => `${String(attachmentId)} ${String(destination)}`,
    );
    const faults: string[] = [];
    if (owed.length > 0 && [...owed].sort().join() !== [...found].sort().join())
      faults.push(`${gatewayId} has ${String(found.length)} obligations and owes ${String(owed.length)}`);
    if (!isSettled(message))
      faults.push(
        `${gatewayId} is still ${messageState(message)}${waiting.length === 0 ? ' and nothing is due' : ''}`,
      );
    if (!acknowledged) faults.push(`${gatewayId} was never marked read`);
    return faults;
  });
}

/** What the ledger calls delivered has arrived with these bytes; what is not delivered has not. */
function deliveredHasArrived(evidence: Evidence): string[] {
  const { items, received, folder } = evidence;
  const arrivals = new Map(received.map((record) => [record.messageId, record]));
  const files = new Map(folder.map((file) => [file.path, file]));
  const claimed = new Map<string, string>();
  const faults = items.flatMap(({ message }) =>
    message.deliveries.flatMap((delivery): string[] => {
      const { destination, state, remoteId, proof } = delivery;
      const wanted = bytesOf(message, delivery.id);
      const place = destination === 'drive' ? (proof ?? remoteId) : remoteId;
      if (place === null || !['delivered', 'submitted', 'failed'].includes(state)) return [];
      const key = `${destination} ${place}`;
      const claims = claimed.get(key);
      claimed.set(key, message.gatewayId);
      if (claims !== undefined) return [`${key} is claimed by ${message.gatewayId} and by ${claims}`];
      const arrived =
        destination === 'drive'
          ? [files.get(place)].flatMap((file) => file ?? [])
          : arrivals.get(place)?.attachments;
      if (state === 'delivered' && (arrived === undefined || contentOf(arrived) !== wanted))
        return [`${message.gatewayId} counts as delivered to ${destination}, where it is not (${place})`];
      return [];
    }),
  );
  const names = [
    ...evidence.received.map(
      ({ messageId, to }) => `${to === resentPartner ? 'shop' : 'warehouse'} ${messageId}`,
    ),
    ...evidence.folder.map(({ path }) => `drive ${path}`),
  ];
  // What arrived and nobody claims is a delivery whose fate is unknown, or one that a restored ledger does not know: held.
  const owed = owedContents(evidence);
  return [
    ...faults,
    ...arrivedContents(evidence).flatMap((key, index) => {
      const name = names[index] ?? '';
      const isOwned = claimed.has(name) || owed.some((one) => one.key === key && mayNotKnow(one.message));
      return isOwned || key.startsWith('shop ') ? [] : [`${name} arrived, and no delivery owns it`];
    }),
  ];
}

function mayNotKnow({ deliveries, obligations }: Message): boolean {
  return (
    deliveries.some(({ state }) => state === 'unknown') ||
    obligations.some(({ reasons }) => reasons.some(({ code }) => code === 'after-restore'))
  );
}

/** The bytes that travel in a delivery: the scanner's, where it changed them. */
function bytesOf({ obligations, attachments }: Message, deliveryId: string): string {
  const ids = obligations
    .filter((one) => one.deliveryId === deliveryId)
    .map(({ attachmentId }) => attachmentId);
  return contentOf(
    attachments
      .filter(({ id }) => ids.includes(id))
      .map(({ sha256, scan }) => ({ sha256: scan.sanitized?.sha256 ?? sha256 })),
  );
}

/** At a folder never; at an AS2 partner not by the machine, unless its route says so. */
function nothingArrivedTwice(evidence: Evidence): string[] {
  const owed = owedContents(evidence);
  const arrived = new Map<string, number>();
  for (const key of arrivedContents(evidence)) arrived.set(key, (arrived.get(key) ?? 0) + 1);
  return [...arrived].flatMap(([key, times]) => {
    const rightly = owed.filter((one) => one.key === key).length;
    return times <= rightly || key.startsWith('shop ')
      ? []
      : [`${key.slice(0, 40)} arrived ${String(times)} times and was owed ${String(rightly)} times`];
  });
}

/** What each message owes each destination, as it was sent: together to an AS2 partner, file by file to a folder. */
function owedContents({ items }: Evidence): readonly { readonly key: string; readonly message: Message }[] {
  return items.flatMap(({ message }) =>
    [...new Set(message.obligations.map(({ destination }) => destination))].flatMap((destination) =>
      destination === 'drive'
        ? message.attachments.map(({ sha256 }) => ({ key: `drive ${sha256}`, message }))
        : [{ key: `${String(destination)} ${contentOf(message.attachments)}`, message }],
    ),
  );
}

/** What arrived, in the same words: what the scanner made counts as what it was made of. */
function arrivedContents({ received, folder, originals }: Evidence): readonly string[] {
  const original = ({ sha256 }: { sha256: string }) => ({ sha256: originals.get(sha256) ?? sha256 });
  return [
    ...received.map(
      ({ to, attachments }) =>
        `${to === resentPartner ? 'shop' : 'warehouse'} ${contentOf(attachments.map(original))}`,
    ),
    ...folder.map((file) => `drive ${original(file).sha256}`),
  ];
}

function onlyClearedBytesArrived({ received, folder, allowed }: Evidence): string[] {
  const arrived = [
    ...received.flatMap(({ messageId, attachments }) =>
      attachments.map((file) => ({ ...file, where: messageId })),
    ),
    ...folder.map((file) => ({ ...file, where: 'the folder' })),
  ];
  return arrived.flatMap(({ name, sha256, where }) =>
    allowed.has(sha256) ? [] : [`${name} arrived in ${where}, and the scanner never cleared these bytes`],
  );
}

/** What is harmless comes through, and what is not does not, unless there is a reason that this force may cause. */
function asExpected(items: readonly MessageSummary[], { expected, excuses = [] }: ExamineOptions): string[] {
  return items.flatMap(({ message }) => {
    const wanted = expected.get(message.gatewayId);
    const state = messageState(message);
    if (wanted === undefined || state === wanted) return [];
    const codes = message.obligations.flatMap(({ reasons }) => reasons.map(({ code }) => code));
    if (state !== 'forwarded' && codes.length > 0 && codes.some((code) => excuses.includes(code))) return [];
    return [
      `${message.gatewayId} became ${state} (${[...new Set(codes)].join(', ')}) and should be ${wanted}`,
    ];
  });
}

/** The program's own check, as a second opinion: what it finds is a violation, or it finds what is none. */
async function verifiedByCommand(rig: ChaosRig, { damaged }: ExamineOptions): Promise<string[]> {
  if (damaged !== undefined && damaged.size > 0) return [];
  const { code, output } = await rig.command(['ledger', 'verify', '--json']);
  const canaries = rig.canaries.findIn(output).map((name) => `${name} stands in what "ledger verify" said`);
  return code === 0
    ? canaries
    : [...canaries, `"ledger verify" ended with ${String(code)}: ${output.slice(0, 600)}`];
}
