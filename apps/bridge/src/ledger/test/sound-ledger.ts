import Database from 'better-sqlite3';
import type { Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import { reason } from '../../domain/reason';
import type { Seal } from '../seal';
import { openSqliteLedger } from '../sqlite-ledger';
import { changing, countingIds, forwarded, sampleMessage, taking, weighed } from './sample-message';

const day = 86_400_000;

type Opened = Awaited<ReturnType<typeof openSqliteLedger>>;

/** A closed ledger, and what stands outside of it. */
export interface SoundLedger {
  /** Keys of what is in custody. */
  readonly objects: ReadonlySet<string>;
  readonly seals: readonly Seal[];
}

/** Makes a ledger with a message in each state that one can be in: in work, ended, archived, forgotten, replayed. */
export async function makeSoundLedger(file: string): Promise<SoundLedger> {
  const objects = new Set<string>();
  let clock = day;
  const ledger: Opened = await openSqliteLedger({ file, now: () => clock });
  const done = { weighed: 'scan', decided: 'decide', submitted: 'deliver', delivered: 'confirm' } as const;
  const happen = async (before: Message, ...events: readonly MessageEvent[]): Promise<Message> => {
    const change = changing(before, events, clock);
    const doing = new Set(
      events.flatMap((event) => {
        const kind = done[event.type as keyof typeof done] as string | undefined;
        const subject =
          'attachmentId' in event ? event.attachmentId : 'deliveryId' in event ? event.deliveryId : before.id;
        return kind === undefined ? [] : [`${kind} ${subject}`];
      }),
    );
    await ledger.commit({
      ...change,
      next: change.next.filter(({ kind, subject }) => !doing.has(`${kind} ${subject}`)),
    });
    finished.push(...doing);
    return change.after;
  };
  const finished: string[] = [];
  const take = async (name: string, attachments = 2): Promise<Message> => {
    const sample = sampleMessage(name, { takenAt: clock, attachments });
    await ledger.commit(taking(sample, clock));
    for (const { custodyKey } of sample.message.attachments) objects.add(custodyKey);
    return sample.message;
  };
  const decide = async (message: Message): Promise<Message> => {
    const cleared = await happen(message, ...message.attachments.map(({ id }) => weighed(message, id)));
    return happen(cleared, forwarded(cleared));
  };
  const submit = async (message: Message): Promise<Message> => {
    const deliveryId = message.deliveries[0]!.id;
    return happen(
      message,
      { type: 'intended', deliveryId, at: clock, sendBy: clock + 1 },
      { type: 'submitted', deliveryId, remoteId: `<${message.id}@hub>` },
    );
  };
  const deliver = async (name: string): Promise<Message> => {
    const sent = await submit(await decide(await take(name)));
    return happen(sent, { type: 'delivered', deliveryId: sent.deliveries[0]!.id, proof: 'mdn' });
  };
  const giveUp = (message: Message): Promise<Message> =>
    happen(message, { type: 'given-up', to: 'held', reasons: [reason('scan-overdue')] });
  const end = async (message: Message): Promise<Message> =>
    happen(message, { type: 'bytes-removed', place: 'forwarded' });
  const tidy = async (): Promise<void> => {
    await ledger.seals.seal(clock);
  };

  const old = [await end(await deliver('old')), await end(await deliver('older'))];
  const archived = [
    await end(await deliver('archived')),
    await end(await giveUp(await take('archived-held'))),
  ];
  await tidy();
  removeWork(
    file,
    [...old, ...archived].map(({ id }) => id),
  );
  const ids = [...old, ...archived].map(({ id }) => id);
  expect((await ledger.retention.archive(ids)).length).toBe(4);
  clock = 100 * day;
  expect(
    await ledger.retention.forget(
      old.map(({ id }) => id),
      clock,
    ),
  ).toEqual(old.map(({ id }) => id));
  await deliver('one');
  await deliver('two');
  const held = await giveUp(await take('held'));
  await giveUp(await take('single', 1));
  await take('scanning');
  await decide(await take('sending'));
  await submit(await decide(await take('sent')));
  await tidy();
  clock += 5_000;
  const again = await giveUp(await take('again'));
  const newId = countingIds('again-new');
  await happen(again, {
    type: 'replayed',
    command: 'c0',
    actor: 'somebody',
    route: again.route,
    obligations: again.obligations.map((one) => ({ ...one, id: newId(), place: 'custody', reasons: [] })),
    groupIds: Object.fromEntries(again.attachments.map(({ id }) => [id, newId()])),
  });
  for (const id of ['c1', 'c2'])
    await ledger.commands.ask({
      id,
      kind: 'replay',
      messageId: id === 'c1' ? held.id : again.id,
      argument: {},
      actor: 'a',
      askedAt: clock,
    });
  await ledger.commands.conclude('c1', { done: true, text: 'done' }, clock);
  await tidy();
  const seals = await ledger.seals.list({ after: 0, limit: 100 });
  await ledger.close();
  const database = new Database(file);
  for (const work of finished) {
    const [kind, subject] = work.split(' ');
    database.prepare('delete from due where kind = ? and subject = ?').run(kind, subject);
  }
  database.prepare(`delete from due where subject = 'c1'`).run();
  // Scans of what was given up end by themselves when they are next looked at.
  database
    .prepare(
      `delete from due where kind = 'scan' and message_id in (select id from message where state = 'held')`,
    )
    .run();
  database.pragma('journal_mode = DELETE');
  database.close();
  return { objects, seals };
}

function removeWork(file: string, ids: readonly string[]): void {
  const database = new Database(file);
  for (const id of ids) database.prepare('delete from due where message_id = ?').run(id);
  database.close();
}
