/** The gateway knows ids only: what a partner sends under a used id between two calls belongs to another message. */
import type { PipelineContext } from '../context';
import { openIntakeFixture } from './intake-fixture';

test.each(['GLOBEX', 'ACME'])(
  'an id that %s uses again between message and attachments: neither gets the bytes of the other',
  async (second) => {
    const fixture = await openIntakeFixture();
    try {
      const { inbox } = fixture.other;
      let isFirst = true;
      const get: typeof inbox.get = async (...given) => {
        const copy = await inbox.get(...given);
        if (isFirst) {
          isFirst = false;
          fixture.clock.advance(10);
          await fixture.send('<1@x>', 'of the later message', second);
        }
        return copy;
      };
      const watched = Object.assign(Object.create(inbox) as typeof inbox, { get });
      const gateway = { inbox: watched } as unknown as PipelineContext['gateway'];
      const intake = await fixture.open({ gateway });
      await fixture.send('<1@x>', 'of the earlier message', 'ACME');
      await intake.pollAll();
      fixture.clock.advance(3_600_000);
      await intake.pollAll();
      const later = fixture.gateway.sent.at(-1)!;
      const taken = (await fixture.messages()).map(({ partner, attachments }) => [
        partner,
        ...attachments.map(({ sha256 }) => sha256),
      ]);
      expect(taken).toEqual([[second, ...later.attachments.map(({ sha256 }) => sha256)]]);
      expect(await fixture.temporary.ledger.intakeFailures.list()).toEqual([]);
    } finally {
      await fixture.close();
    }
  },
);
