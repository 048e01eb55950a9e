import type { Message, MessageState } from '../domain/message';
import type { Effect, MessageEvent, Stage } from '../domain/message-event';
import type { Seal } from './seal';

/** A due row: work that somebody has to do at `dueAt`. Kind and subject are unique together. */
export interface DueWork {
  readonly id: string;
  readonly kind: Stage;
  /** Id of the message, attachment or delivery that the work is about. */
  readonly subject: string;
  readonly messageId: string;
  readonly dueAt: number;
  /** Since when this work exists; deadlines count from here. */
  readonly since: number;
  /** Failed tries so far. */
  readonly attempts: number;
  /** Grows with each claim: an outcome of an older claim is refused. */
  readonly epoch: number;
  /** Grows when the work is asked for again while it is being done. */
  readonly revision: number;
  /** Why it waits, for people; null on its first try. */
  readonly why: string | null;
}

/** One step's outcome: committed whole or not at all. */
export interface Change {
  /** The message as it was read; absent when it is new. Guarded by its revision. */
  readonly before?: Message;
  readonly after: Message;
  /** What happened, in order: appended to the message's audit chain. */
  readonly events: readonly MessageEvent[];
  /** The claimed work that this was: its row is removed. */
  readonly done?: DueWork;
  /** New work; asked for again where it exists already. `delayMs` counts from `at`. */
  readonly next: readonly (Effect & { readonly delayMs?: number })[];
  /** Epoch ms. */
  readonly at: number;
}

/** The message or the lease moved on meanwhile: read again, decide again. Nothing of the change was written. */
export class StaleChangeError extends Error {
  override readonly name = 'StaleChangeError';
}

export interface TimelineEntry {
  readonly sequence: number;
  readonly at: number;
  readonly event: MessageEvent;
  readonly hash: string;
}

export interface MessageSummary {
  readonly message: Message;
  readonly state: MessageState;
  /** The work that is due or waits next. */
  readonly waiting: readonly DueWork[];
}

/** The custody keys of one attachment whose bytes were not removed. */
export interface StoredKeys {
  readonly attachmentId: string;
  readonly messageId: string;
  readonly original: string;
  readonly sanitized: string | null;
}

/** A message that could not be taken: it stays unread at the gateway and is shown to people. */
export interface IntakeFailure {
  readonly gatewayId: string;
  readonly reason: string;
  readonly tries: number;
  readonly firstAt: number;
  readonly nextAt: number;
}

/** What a person asked the bridge to do with a message; the runner does it. */
export interface Command {
  /** 32 lower-case hex digits. */
  readonly id: string;
  readonly kind: 'replay' | 'legal-hold';
  readonly messageId: string;
  readonly argument: Readonly<Record<string, unknown>>;
  /** Who asked. */
  readonly actor: string;
  /** Epoch ms. */
  readonly askedAt: number;
}

/** What came of a command. */
export interface CommandOutcome {
  /** It was carried out; false where it could not be. */
  readonly done: boolean;
  /** A sentence for the one who asked. */
  readonly text: string;
}

/** A command with what came of it; null while it waits for its turn. */
export interface AskedCommand extends Command {
  readonly doneAt: number | null;
  readonly outcome: CommandOutcome | null;
}

/** What is remembered. Every write is one atomic program and is acknowledged only after it is durable. */
export interface Ledger {
  /** @throws StaleChangeError */
  commit(change: Change): Promise<void>;

  readonly messages: {
    load(id: string): Promise<Message | undefined>;
    /** The message that an attachment or a delivery belongs to. */
    loadBySubject(kind: 'attachment' | 'delivery', id: string): Promise<Message | undefined>;
    /** All messages that were ever taken under this id, oldest first. */
    findByGatewayId(gatewayId: string): Promise<readonly Message[]>;
    /** Newest first. `cursor` is the `next` of the page before. */
    list(query: {
      state?: MessageState;
      limit: number;
      cursor?: string;
    }): Promise<{ items: readonly MessageSummary[]; next?: string }>;
    summary(id: string): Promise<MessageSummary | undefined>;
    timeline(id: string): Promise<readonly TimelineEntry[]>;
    countByState(): Promise<Readonly<Record<string, number>>>;
    /** Whether an outbox message of the gateway was adopted by some delivery already. */
    isRemoteIdClaimed(remoteId: string): Promise<boolean>;
    /** Bytes of all attachments of messages that are in work. */
    bytesInWork(): Promise<number>;
    /** A message of the same partner and route that the gateway received earlier, and that is still in work. */
    findEarlierInWork(message: Message): Promise<string | undefined>;
    /** Custody keys that some message refers to, of those given. */
    referredCustodyKeys(keys: readonly string[]): Promise<ReadonlySet<string>>;
    /** What should be in custody, in order of the attachments' ids. */
    storedCustodyKeys(query: { after: string; limit: number }): Promise<readonly StoredKeys[]>;
  };

  readonly due: {
    /** Takes up to `limits[kind]` rows per kind whose time has come and that nobody holds, oldest first. */
    claim(query: {
      limits: Readonly<Partial<Record<Stage, number>>>;
      now: number;
      leaseMs: number;
    }): Promise<readonly DueWork[]>;
    /** Gives claimed work back, to be done at `dueAt`. `failed` counts a try. @throws StaleChangeError */
    postpone(work: DueWork, when: { dueAt: number; why: string; failed: boolean }): Promise<void>;
    /**
     * Brings work forward that nobody holds and that waits for a reason that begins with `why`; at most
     * `limit` rows of each kind. What it waited for is there: without a limit the reason goes as well.
     */
    hasten(query: { kinds: readonly Stage[]; why: string; at: number; limit?: number }): Promise<void>;
    /**
     * Notes `why` at all work that is due, that nobody holds and that was never tried, as far as it is like `work`: of its kind,
     * and where that is about a delivery to the same destination. It stays due: a look at it is not spared.
     */
    explain(query: { work: Pick<DueWork, 'kind' | 'subject'>; why: string; at: number }): Promise<void>;
    /** Removes claimed work that turned out to be done already. @throws StaleChangeError */
    finish(work: DueWork): Promise<void>;
    /** Time of the earliest row that nobody holds; undefined where there is none. */
    nextAt(): Promise<number | undefined>;
    count(): Promise<Readonly<Partial<Record<Stage, number>>>>;
    /** Voids all leases, and ends all intents: where only one process writes, at its start nobody else can be sending. */
    voidLeases(at: number): Promise<void>;
    /**
     * The clock was set back to `at`: what waits for a later time is due now, deadlines count from now on, and intents that
     * end later end at `sendingUntil`: by default now, since where only one process writes nobody else has these times from a clock
     * that is right.
     */
    clockSetBack(at: number, sendingUntil?: number): Promise<void>;
  };

  readonly intakeFailures: {
    record(gatewayId: string, reason: string, at: number, nextAt: number): Promise<IntakeFailure>;
    find(gatewayId: string): Promise<IntakeFailure | undefined>;
    clear(gatewayId: string): Promise<void>;
    list(): Promise<readonly IntakeFailure[]>;
  };

  /** Messages of the gateway that are older than `intake.startFrom`: not ours, and not asked for again. */
  readonly skipped: {
    /** Their ids, of those whose time is before `startFrom`: who moves it back takes them. */
    list(startFrom: number): Promise<ReadonlySet<string>>;
    add(gatewayId: string, gatewayTime: number): Promise<void>;
    /** Forgets those that the gateway received before `before`: it has none of them any more. */
    removeBefore(before: number): Promise<void>;
  };

  readonly commands: {
    /** Writes it down with its due work: the runner takes it. */
    ask(command: Command): Promise<void>;
    find(id: string): Promise<AskedCommand | undefined>;
    /** Notes what came of it. */
    conclude(id: string, outcome: CommandOutcome, at: number): Promise<void>;
  };

  readonly settings: {
    get(key: string): Promise<string | undefined>;
    set(key: string, value: string): Promise<void>;
    /** Of several bridges that start at once the first one's value stands: read it afterwards. */
    setIfNew(key: string, value: string): Promise<void>;
  };

  readonly seals: {
    /** Seals events and removals that are not sealed yet, the oldest first and a bounded number; undefined where there are none. */
    seal(at: number): Promise<Seal | undefined>;
    list(query: { after: number; limit: number }): Promise<readonly Seal[]>;
    last(): Promise<Seal | undefined>;
  };

  /**
   * What may be removed when its time is over; all guards stand in the database. Nothing under legal hold, and nothing
   * with due work. The lists name the ones settled longest first; the removals answer with the ids that were really
   * removed: one that moved on meanwhile is left out.
   */
  readonly retention: {
    /** Messages in these states that were settled before `before` and whose bytes are still in custody. */
    bytesDue(query: {
      states: readonly MessageState[];
      before: number;
      limit: number;
    }): Promise<readonly string[]>;
    /** Settled messages without bytes, all of whose events are sealed. */
    archiveDue(query: { before: number; limit: number }): Promise<readonly string[]>;
    /** Removes attachments, obligations and deliveries; the message is `archived` then. */
    archive(ids: readonly string[]): Promise<readonly string[]>;
    /** Archived messages whose newest event happened, and was sealed, before `before`. */
    forgetDue(query: { before: number; limit: number }): Promise<readonly string[]>;
    /** Removes the message, its events and commands. What stays is a record of that, to be sealed. */
    forget(ids: readonly string[], at: number): Promise<readonly string[]>;
  };

  close(): Promise<void>;
}
