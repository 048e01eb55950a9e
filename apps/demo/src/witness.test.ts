import type { BridgeMessage } from './bridge-api';
import type { Observation } from './sandbox-api';
import { countLine, countOutcomes } from './witness';

const file = (sha256: string) => ({ name: `${sha256}.bin`, size: 1, sha256 });
const sent = (messageId: string, ...hashes: string[]): Observation['sent'][number] => ({
  messageId,
  from: 'ACME',
  at: 1,
  attachments: hashes.map(file),
});
const arrived = (...hashes: string[]): Observation['received'][number] => ({
  partner: 'WAREHOUSE',
  messageId: '<x>',
  attachments: hashes.map(file),
});
const inCare = (gatewayMessageId: string, ...hashes: string[]): BridgeMessage => ({
  id: 'm',
  gatewayMessageId,
  partner: 'ACME',
  state: 'held',
  reasons: [],
  attachments: hashes.map(file),
  resends: 0,
});
const allowed = (...hashes: string[]) => hashes.map((sha256) => ({ sha256, verdict: 'allowed' as const }));

describe('countOutcomes', () => {
  test('a message that arrived whole, one in care, one blocked', () => {
    const seen: Observation = {
      sent: [sent('<1>', 'a', 'b'), sent('<2>', 'c'), sent('<3>', 'd')],
      received: [arrived('b', 'a')],
      scanned: [...allowed('a', 'b'), { sha256: 'd', verdict: 'blocked' }],
    };
    const count = countOutcomes(seen, [], [inCare('<2>', 'c'), inCare('<3>', 'd')]);
    expect(countLine(count)).toBe(
      '3 sent · 1 forwarded · 1 quarantined · 1 held · 0 duplicate · 0 lost · 0 twice · 0 without evidence',
    );
  });
  test('what is nowhere is lost, whatever the bridge may say elsewhere', () => {
    const seen: Observation = { sent: [sent('<1>', 'a')], received: [], scanned: allowed('a') };
    expect(countOutcomes(seen, [], [inCare('<1>', 'other')])).toMatchObject({ lost: 1, held: 0 });
  });
  test('part of a message is not the message', () => {
    const seen: Observation = {
      sent: [sent('<1>', 'a', 'b')],
      received: [arrived('a')],
      scanned: allowed('a', 'b'),
    };
    expect(countOutcomes(seen, [], [])).toMatchObject({ forwarded: 0, lost: 1 });
  });
  test('the same message twice is one duplicate; two arrivals of one message are one too many', () => {
    const twice = [sent('<1>', 'a'), sent('<1>', 'a')];
    const once: Observation = { sent: twice, received: [arrived('a')], scanned: allowed('a') };
    expect(countOutcomes(once, [], [])).toMatchObject({ forwarded: 1, duplicate: 1, twice: 0 });
    expect(countOutcomes({ ...once, received: [arrived('a'), arrived('a')] }, [], [])).toMatchObject({
      twice: 1,
    });
  });
  test('two messages with the same bytes may both arrive', () => {
    const seen: Observation = {
      sent: [sent('<1>', 'a'), sent('<2>', 'a')],
      received: [arrived('a')],
      scanned: allowed('a'),
    };
    expect(countOutcomes(seen, [{ name: 'f', sha256: 'a' }], [])).toMatchObject({ forwarded: 2, twice: 0 });
  });
  test('sanitized bytes count as the message, original bytes then have no evidence', () => {
    const scanned = [{ sha256: 'a', verdict: 'sanitized' as const, sanitizedSha256: 'A' }];
    const seen = (hash: string): Observation => ({
      sent: [sent('<1>', 'a')],
      received: [arrived(hash)],
      scanned,
    });
    expect(countOutcomes(seen('A'), [], [])).toMatchObject({ forwarded: 1, withoutEvidence: 0 });
    expect(countOutcomes(seen('a'), [], [])).toMatchObject({ forwarded: 0, withoutEvidence: 1 });
  });
  test('bytes that were never scanned are without evidence, in the folder too', () => {
    const seen: Observation = { sent: [sent('<1>', 'a')], received: [], scanned: [] };
    expect(countOutcomes(seen, [{ name: 'f', sha256: 'a' }], [])).toMatchObject({
      forwarded: 1,
      withoutEvidence: 1,
    });
  });
});
