/** Partners choose ids: random sends, re-sends, new ids and other bytes, against a model of what must be known of them. */
import fc from 'fast-check';
import { openIntakeFixture } from './intake-fixture';

type Step =
  | { readonly do: 'send'; readonly id: number; readonly text: number; readonly from: 'ACME' | 'GLOBEX' }
  | { readonly do: 'resend-as'; readonly id: number; readonly newId: number }
  | { readonly do: 'poll' | 'acknowledge' | 'sweep' | 'restart' };

const id = fc.integer({ min: 0, max: 3 });
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      id,
      text: fc.integer({ min: 0, max: 2 }),
      from: fc.constantFrom('ACME' as const, 'GLOBEX' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resend-as' as const), id, newId: id }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('poll', 'acknowledge', 'sweep', 'restart') }),
  },
);

interface Copy {
  readonly from: string;
  readonly text: string;
  readonly time: number;
}

/** What is known under one id, as the model has it: the newest record is all that the gateway shows of an id. */
interface Known {
  readonly from: string;
  readonly text: string;
  time: number;
  resends: number;
}

test('each is in custody once, a conflict is held, a duplicate is counted, and nothing stays unread', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { minLength: 4, maxLength: 24 }), async (steps) => {
      const fixture = await openIntakeFixture();
      try {
        const newest = new Map<string, Copy>();
        const known = new Map<string, Known[]>();
        let intake = await fixture.open();
        const arrived = async (name: string, copy: Copy): Promise<void> => {
          newest.set(name, copy);
          await fixture.send(name, copy.text, copy.from);
        };
        const poll = async (): Promise<void> => {
          const { ids } = await fixture.other.inbox.list({ station: 'HUB' });
          for (const name of ids) look(known, name, newest.get(name));
          await intake.pollAll();
        };
        for (const step of [...steps, { do: 'poll' }, { do: 'acknowledge' }] as const) {
          fixture.clock.advance(10);
          const time = fixture.clock.now();
          if (step.do === 'send')
            await arrived(`<${String(step.id)}@x>`, {
              from: step.from,
              text: `text ${String(step.text)}`,
              time,
            });
          else if (step.do === 'resend-as') {
            const copy = newest.get(`<${String(step.id)}@x>`);
            if (copy !== undefined) await arrived(`<${String(step.newId)}@x>`, { ...copy, time });
          } else if (step.do === 'poll') await poll();
          else if (step.do === 'acknowledge') await intake.acknowledge();
          else if (step.do === 'sweep') await intake.sweepAll();
          else {
            await fixture.temporary.ledger.due.voidLeases(time);
            intake = await fixture.open();
          }
        }
        // The last acknowledgement may have found a copy that came since, and left it unread.
        for (let round = 0; round < 3; round += 1) {
          await poll();
          await intake.acknowledge();
        }
        expect((await fixture.other.inbox.list({ station: 'HUB' })).ids).toEqual([]);
        for (const [name, copies] of known) {
          const messages = await fixture.temporary.ledger.messages.findByGatewayId(name);
          expect(
            messages.map(({ partner, gatewayTime, resends, obligations }) => ({
              partner,
              gatewayTime,
              resends,
              codes: obligations.flatMap(({ reasons }) => reasons.map(({ code }) => code)),
            })),
          ).toEqual(
            copies.map(({ from, time, resends }, index) => ({
              partner: from,
              gatewayTime: time,
              resends,
              codes: index === 0 ? [] : ['id-conflict'],
            })),
          );
        }
        expect(await fixture.temporary.ledger.intakeFailures.list()).toEqual([]);
      } finally {
        await fixture.close();
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('marked unread by somebody: marked again, and counted as no copy', async () => {
  const fixture = await openIntakeFixture();
  try {
    await fixture.send('<1@acme>');
    const intake = await fixture.open();
    for (let times = 0; times < 3; times += 1) {
      await intake.pollAll();
      await intake.acknowledge();
      expect((await fixture.other.inbox.list({ station: 'HUB' })).ids).toEqual([]);
      await fixture.other.inbox.markUnread('<1@acme>');
    }
    expect((await fixture.messages()).map(({ resends }) => resends)).toEqual([0]);
  } finally {
    await fixture.close();
  }
});

function look(known: Map<string, Known[]>, name: string, copy: Copy | undefined): void {
  if (copy === undefined) return;
  const copies = known.get(name) ?? [];
  known.set(name, copies);
  const same = copies.find(({ from, text }) => from === copy.from && text === copy.text);
  if (same === undefined) copies.push({ ...copy, resends: 0 });
  else if (same.time !== copy.time) {
    same.time = copy.time;
    same.resends += 1;
  }
}
