/**
 * How your own code is tested against a gateway on this machine, by a clock that the test moves.
 *
 *     npx tsx examples/test-with-sandbox.ts
 */
import assert from 'node:assert/strict';
import { startTestGateway } from '@mft-bridge/as2-gateway-client/testing';

const test = await startTestGateway({ sandbox: { sendDelayMs: 30_000 } });
try {
  const { sandbox, gateway } = test;

  // A partner sends, and our side takes it.
  await sandbox
    .partner('ACME')
    .send({ attachments: [{ name: 'order.xml', content: Buffer.from('<order/>') }] });
  for await (const message of gateway.inbox.drain()) await message.acknowledge();
  assert.deepEqual((await gateway.inbox.list()).ids, []);

  // Our side sends, and the partner has it half a minute later.
  const attachments = [{ name: 'invoice.xml', content: Buffer.from('<invoice/>') }];
  const { id } = await gateway.messages.send({ from: 'HUB', to: 'ACME', attachments });
  assert.equal((await gateway.outbox.delivery(id)).state, 'queued');
  test.advance(31_000);
  assert.equal((await gateway.outbox.delivery(id)).good, true);
  assert.equal(sandbox.partner('ACME').received.length, 1);
  console.log('all is well');
} finally {
  await test.close();
}
