import fc from 'fast-check';
import { messageState } from '../../domain/message';
import type { Message } from '../../domain/message';
import type { MessageEvent } from '../../domain/message-event';
import type { Finding } from '../verify/finding';
import { verifyLedger } from '../verify/verify-ledger';
import { draw, legalChange } from './random-change';
import { sampleMessage, taking } from './sample-message';
import { openTemporaryLedger } from './temporary-ledger';

test('after any sequence of changes the ledger holds exactly what was committed', async () => {
  let run = 0;
  const temporary = await openTemporaryLedger();
  const { ledger } = temporary;
  let commits = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        // At least one destination, as in every route: what is owed to nobody would be nowhere.
        fc.array(fc.record({ attachments: fc.nat(3), destinations: fc.integer({ min: 1, max: 2 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(fc.array(draw, { minLength: 1, maxLength: 3 }), { maxLength: 40 }),
        async (shapes, steps) => {
          run += 1;
          const known = new Map<number, { message: Message; events: MessageEvent[]; work: Set<string> }>();
          for (const [index, { attachments, destinations }] of shapes.entries()) {
            const names = ['warehouse', 'archive'].slice(0, destinations);
            const sample = sampleMessage(`run${run}-${index}`, { attachments, destinations: names });
            await ledger.commit(taking(sample));
            const work = new Set(sample.effects.map(({ kind, subject }) => `${kind} ${subject}`));
            known.set(index, { message: sample.message, events: [...sample.events], work });
          }
          for (const step of steps) {
            const index = (step[0]?.message ?? 0) % shapes.length;
            const entry = known.get(index)!;
            const change = legalChange(entry.message, step);
            if (change === undefined) continue;
            await ledger.commit(change);
            commits += 1;
            entry.message = change.after;
            entry.events.push(...change.events);
            for (const { kind, subject } of change.next) entry.work.add(`${kind} ${subject}`);
            // From memory, and from the file.
            expect(await ledger.messages.load(change.after.id)).toEqual(change.after);
            expect((await ledger.messages.summary(change.after.id))?.message).toEqual(change.after);
          }
          for (const { message, events, work } of known.values()) {
            const summary = await ledger.messages.summary(message.id);
            expect(summary).toMatchObject({ message, state: messageState(message) });
            expect(new Set(summary!.waiting.map(({ kind, subject }) => `${kind} ${subject}`))).toEqual(work);
            const timeline = await ledger.messages.timeline(message.id);
            expect(timeline.map((stored) => stored.event)).toEqual(events);
            expect(await ledger.audit.verify(message.id)).toMatchObject({ whole: true });
          }
        },
      ),
      { numRuns: 60 },
    );
    // What the events say is what is stored, whatever happened. Evidence is not asked for by what is drawn here.
    const findings: Finding[] = [];
    await verifyLedger({
      file: temporary.file,
      now: Date.now,
      onFinding: (found) => void findings.push(found),
    });
    expect(findings.filter(({ check }) => check !== 'evidence')).toEqual([]);
    // Not a property of nothing: most of what is drawn must be legal.
    expect(commits).toBeGreaterThan(100);
  } finally {
    await temporary.close();
  }
}, 180_000);
