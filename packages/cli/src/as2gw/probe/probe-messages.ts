import type { As2GatewayClient, InboxMessage } from '@mft-bridge/as2-gateway-client';
import { isNotFoundError } from '@mft-bridge/as2-gateway-client';
import type { Answer, Question } from '../../probe/ask';
import { fieldsOf, refusalOf } from '../../probe/ask';
import { Untested } from '../../probe/probe';
import type { UndoList } from '../../probe/undo-list';
import type { Run } from '../../run-command';
import type { As2LabStart } from './as2-lab-start';

/** A message that a probe sent. */
export interface ProbeMessage {
  readonly id: string;
  /** Answer to the submit. */
  readonly submitted: Answer;
  /** Answer of the outbox right after it. */
  readonly atOnce: Answer;
}

/** Messages that the probes send, each at most once, and delete at the end. */
export interface ProbeMessages {
  /** One attachment as the raw body, and until it stands in the outbox. */
  single(): Promise<ProbeMessage>;
  /** The same under a name beyond ASCII, raw. */
  latin1(): Promise<string>;
  /** Two attachments as form data, the second with a name beyond Latin-1. */
  several(): Promise<string>;
  /** Ids of all that were sent. */
  sent(): readonly string[];
  /** The single message in our own inbox; undefined where it does not come back. */
  cameBack(): Promise<InboxMessage | undefined>;
}

export const LATIN1_NAME = 'Überweisung.txt';
export const UTF8_NAME = 'Übergröße 報.txt';
const POLL_MS = 2_000;

interface Needs extends As2LabStart {
  readonly tag: string;
  readonly client: As2GatewayClient;
  readonly undo: UndoList;
  readonly asked: (question: Question) => Promise<Answer>;
}

export function createProbeMessages(
  run: Run,
  { parties, timeoutMs, tag, client, undo, asked }: Needs,
): ProbeMessages {
  const ids: string[] = [];
  const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
    let made: Promise<Value> | undefined;
    return () => (made ??= make());
  };
  const remember = (id: string): string => {
    ids.push(id);
    undo.add(`the message ${id} in the outbox`, () => client.outbox.delete(id));
    return id;
  };
  const between = () => {
    if (parties === undefined) throw new Untested('Nothing was sent: give --from and --to.');
    return parties;
  };

  async function raw(subject: string, name: string): Promise<Answer> {
    const { from, to } = between();
    const submitted = await asked({
      method: 'POST',
      path: '/message/submit',
      headers: { 'AS2-From': from, 'AS2-To': to, Subject: subject, 'Attachment-Name': name },
      body: { bytes: Buffer.from(`${tag}\n`), contentType: 'text/plain' },
    });
    if (!submitted.ok) throw new Untested(`The message was refused: ${refusalOf(submitted)}.`);
    return submitted;
  }

  /** A fresh submit is in no box for some seconds, and moves from one to the next. */
  async function inOutbox(id: string): Promise<void> {
    const deadline = run.now() + timeoutMs;
    for (;;) {
      const { state } = await client.outbox.delivery(id, { signal: run.signal });
      if (state !== 'unknown' && state !== 'queued') return;
      if (run.now() >= deadline)
        throw new Untested('The message did not leave the queue within the time; --timeout gives more.');
      await run.sleep(POLL_MS, run.signal);
    }
  }

  const single = once(async () => {
    const submitted = await raw(`${tag} one of several words`, `${tag}.txt`);
    const id = remember(idIn(submitted));
    const atOnce = await asked({ method: 'GET', path: '/message/outbox/{id}', params: { id } });
    await inOutbox(id);
    return { id, submitted, atOnce };
  });

  return {
    single,
    latin1: once(async () => {
      const id = remember(idIn(await raw(`${tag} latin1`, LATIN1_NAME)));
      await inOutbox(id);
      return id;
    }),
    several: once(async () => {
      const { from, to } = between();
      const attachments = [`${tag}.txt`, UTF8_NAME].map((name) => ({
        name,
        contentType: 'text/plain',
        content: Buffer.from(`${tag}\n`),
      }));
      const { id } = await client.messages.send(
        { from, to, subject: `${tag} several`, attachments },
        { nonAsciiNames: 'multipart', signal: run.signal },
      );
      remember(id);
      await inOutbox(id);
      return id;
    }),
    sent: () => ids,
    cameBack: once(async () => {
      await single();
      const deadline = run.now() + timeoutMs;
      const others = new Set<string>();
      for (;;) {
        const found = await findInInbox(run, client, tag, others);
        if (found !== undefined) {
          undo.add(`the message ${found.id} in the inbox`, () => client.inbox.delete(found.id));
          return found;
        }
        if (run.now() >= deadline) return undefined;
        await run.sleep(POLL_MS, run.signal);
      }
    }),
  };
}

/**
 * The newest of the inbox only: ours came a moment ago. Nobody else's message is marked read by it.
 *
 * @param others ids that were looked at before
 */
async function findInInbox(
  run: Run,
  { inbox }: As2GatewayClient,
  tag: string,
  others: Set<string>,
): Promise<InboxMessage | undefined> {
  const { signal } = run;
  const { ids } = await inbox.list({ unreadOnly: false, sort: 'desc', pageLength: 10 }, { signal });
  for (const id of ids.filter((one) => !others.has(one))) {
    others.add(id);
    try {
      const message = await inbox.get(id, { signal });
      if (message.subject?.startsWith(`${tag} one`) === true) return message;
    } catch (error) {
      if (!isNotFoundError(error)) throw error;
    }
  }
  return undefined;
}

/** The id of a submit, whatever it is called. */
function idIn(submitted: Answer): string {
  const known = new Set(['messageidentifier', 'as2messageid', 'identifier']);
  for (const [name, value] of Object.entries(fieldsOf(submitted.body)))
    if (known.has(name.toLowerCase()) && typeof value === 'string' && value !== '') return value;
  const link = submitted.header('link') ?? '';
  const last = /\/message\/outbox\/([^;,]+)/.exec(link)?.[1];
  if (last === undefined)
    throw new Untested(
      'The message was taken, but its answer names no id: it stays in the outbox, look for it there.',
    );
  return decodeURIComponent(last).replace(/^(<[^>]*>).*$/s, '$1');
}
