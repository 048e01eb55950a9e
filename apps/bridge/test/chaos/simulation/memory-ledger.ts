import type { Message } from '../../../src/domain/message';
import { messageState } from '../../../src/domain/message';
import type { Effect, MessageEvent, Stage } from '../../../src/domain/message-event';
import type {
  AskedCommand,
  Change,
  Command,
  CommandOutcome,
  DueWork,
  Ledger,
} from '../../../src/ledger/ledger';
import { StaleChangeError } from '../../../src/ledger/ledger';

interface DueRow extends DueWork {
  readonly leased: boolean;
}

/** A ledger in memory that keeps the ledger's promises (whole or not at all, guarded, counted) and can be looked into. */
export interface MemoryLedger {
  readonly ledger: Ledger;
  readonly messages: ReadonlyMap<string, Message>;
  readonly events: ReadonlyMap<string, readonly MessageEvent[]>;
  due(): readonly DueRow[];
  /** What a start does: nobody holds anything any more. */
  restart(at: number): void;
}

/** Ids of due rows need not be drawn: kind and subject name them. */
const keyOf = ({ kind, subject }: { kind: string; subject: string }): string => `${kind}:${subject}`;

export function createMemoryLedger(): MemoryLedger {
  const messages = new Map<string, Message>();
  const events = new Map<string, MessageEvent[]>();
  const rows = new Map<string, DueRow>();
  const commands = new Map<string, AskedCommand>();

  function held(work: DueWork): DueRow {
    const row = rows.get(keyOf(work));
    if (row === undefined || row.epoch !== work.epoch) throw new StaleChangeError('somebody else holds it');
    return row;
  }

  function finish(work: DueWork): void {
    if (held(work).revision !== work.revision) throw new StaleChangeError('it was asked for again');
    rows.delete(keyOf(work));
  }

  function ask(
    { kind, subject }: { kind: Stage; subject: string },
    messageId: string,
    dueAt: number,
    at: number,
  ): void {
    const known = rows.get(keyOf({ kind, subject }));
    const base = { id: keyOf({ kind, subject }), kind, subject, messageId, why: null };
    if (known === undefined) {
      rows.set(base.id, { ...base, dueAt, since: at, attempts: 0, epoch: 0, revision: 0, leased: false });
      return;
    }
    const attempts = known.leased ? known.attempts : 0;
    const next = { revision: known.revision + 1, dueAt: Math.min(dueAt, known.dueAt), attempts, why: null };
    rows.set(base.id, { ...known, ...next });
  }

  function commit({ before, after, events: happened, done, next, at }: Change): void {
    const known = messages.get(after.id);
    if ((before?.revision ?? -1) !== (known?.revision ?? -1)) throw new StaleChangeError('it moved on');
    for (const { remoteId, destination, state, id } of after.deliveries) {
      const twice = [...messages.values()].some(({ deliveries }) =>
        deliveries.some(
          (other) =>
            other.id !== id &&
            other.destination === destination &&
            other.remoteId === remoteId &&
            ['submitted', 'delivered', 'failed'].includes(other.state),
        ),
      );
      if (state === 'submitted' && remoteId !== null && twice) throw new StaleChangeError('it is claimed');
    }
    // Checked before anything is changed: whole or not at all.
    if (done !== undefined) finish(done);
    messages.set(after.id, after);
    events.set(after.id, [...(events.get(after.id) ?? []), ...happened]);
    for (const effect of next as readonly (Effect & { delayMs?: number })[])
      ask(effect, after.id, at + (effect.delayMs ?? 0), at);
  }

  const find = (fits: (message: Message) => boolean): Message | undefined =>
    [...messages.values()].find(fits);
  const asynchronous =
    <In extends readonly unknown[], Out>(act: (...values: In) => Out) =>
    async (...values: In): Promise<Out> =>
      Promise.resolve(act(...values));

  const ledger = {
    commit: asynchronous(commit),
    messages: {
      load: asynchronous((id: string) => messages.get(id)),
      loadBySubject: asynchronous((kind: 'attachment' | 'delivery', id: string) =>
        find(({ attachments, deliveries }) =>
          (kind === 'attachment' ? attachments : deliveries).some((part) => part.id === id),
        ),
      ),
      findByGatewayId: asynchronous((id: string) =>
        [...messages.values()].filter(({ gatewayId }) => gatewayId === id),
      ),
      findEarlierInWork: asynchronous((message: Message) => {
        const time = (one: Message): readonly number[] => [one.gatewayTime ?? one.takenAt, one.takenAt];
        const [own] = [time(message)];
        return find(
          (other) =>
            other.id !== message.id &&
            other.partner === message.partner &&
            other.station === message.station &&
            other.route === message.route &&
            ['scanning', 'deciding', 'delivering'].includes(messageState(other)) &&
            (time(other)[0] ?? 0) < (own[0] ?? 0),
        )?.id;
      }),
      isRemoteIdClaimed: asynchronous((wanted: string) =>
        [...messages.values()].some(({ deliveries }) =>
          deliveries.some(
            ({ remoteId, state }) =>
              remoteId === wanted && ['submitted', 'delivered', 'failed'].includes(state),
          ),
        ),
      ),
    },
    due: {
      postpone: asynchronous((work: DueWork, when: { dueAt: number; why: string; failed: boolean }) => {
        const row = held(work);
        const untouched = row.revision === work.revision;
        rows.set(keyOf(work), {
          ...row,
          leased: false,
          dueAt: untouched ? when.dueAt : Math.min(row.dueAt, when.dueAt),
          attempts: untouched ? work.attempts + (when.failed ? 1 : 0) : 0,
          why: untouched ? when.why : row.why,
        });
      }),
      finish: asynchronous(finish),
      claim: asynchronous(({ limits, now }: { limits: Partial<Record<Stage, number>>; now: number }) => {
        const taken: DueWork[] = [];
        for (const row of [...rows.values()].sort((one, other) => one.dueAt - other.dueAt)) {
          const room = (limits[row.kind] ?? 0) - taken.filter(({ kind }) => kind === row.kind).length;
          if (row.leased || row.dueAt > now || room <= 0) continue;
          const claimed = { ...row, epoch: row.epoch + 1, leased: true };
          rows.set(keyOf(row), claimed);
          taken.push(claimed);
        }
        return taken;
      }),
    },
    commands: {
      ask: asynchronous((command: Command) => {
        commands.set(command.id, { ...command, doneAt: null, outcome: null });
        ask({ kind: 'command', subject: command.id }, command.messageId, command.askedAt, command.askedAt);
      }),
      find: asynchronous((id: string) => commands.get(id)),
      conclude: asynchronous((id: string, outcome: CommandOutcome, doneAt: number) => {
        const command = commands.get(id);
        if (command !== undefined) commands.set(id, { ...command, outcome, doneAt });
      }),
    },
  };

  return {
    // Only what the stages use: anything else would throw, and show.
    ledger: ledger as unknown as Ledger,
    messages,
    events,
    due: () => [...rows.values()],
    restart(at) {
      for (const [key, row] of rows) rows.set(key, { ...row, leased: false });
      for (const [id, message] of messages) {
        const deliveries = message.deliveries.map((delivery) =>
          delivery.state === 'intended' && (delivery.sendBy ?? 0) > at
            ? { ...delivery, sendBy: at }
            : delivery,
        );
        messages.set(id, { ...message, deliveries });
      }
    },
  };
}
