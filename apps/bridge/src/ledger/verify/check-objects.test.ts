import { createHash } from 'node:crypto';
import { CustodyDamagedError, CustodyUnavailableError } from '../../custody/custody';
import type { Attachment, Message } from '../../domain/message';
import { sampleMessage } from '../test/sample-message';
import type { ObjectLook } from './check-objects';
import { checkObjects } from './check-objects';

const bytes = Buffer.from('ISA*00*an order~');
const clean = Buffer.from('sanitized');
const factsOf = (content: Buffer): Pick<Attachment, 'size' | 'sha256'> => ({
  size: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

function messageOf(changes: Partial<Message> = {}): Message {
  const { message } = sampleMessage('m', { attachments: 1 });
  const attachments = message.attachments.map((attachment) => ({
    ...attachment,
    ...factsOf(bytes),
    custodyKey: 'original',
    scan: { ...attachment.scan, sanitized: { ...factsOf(clean), custodyKey: 'clean' } },
  }));
  return { ...message, attachments, ...changes };
}

/** Custody with these objects, given a few bytes at a time. */
function custody(objects: Readonly<Record<string, Buffer | Error>>, wanted = true): ObjectLook {
  return {
    hasObject: (key) => Promise.resolve(key in objects),
    async *readObject(key) {
      const object = objects[key];
      if (object instanceof Error) throw object;
      if (object === undefined) throw new Error('asked for what is not there');
      for (let at = 0; at < object.length; at += 5) yield object.subarray(at, at + 5);
    },
    isWanted: () => Promise.resolve(wanted),
  };
}

const flipped = Buffer.from(bytes.map((byte, index) => (index === 3 ? byte ^ 1 : byte)));
const damaged = new CustodyDamagedError('frame 0 is altered');

test('reads all of every object, and tells how much', async () => {
  const read = { objects: 0, bytes: 0 };
  const look = custody({ original: bytes, clean });
  const onRead: ObjectLook['onRead'] = (more) => {
    read.objects += more.objects;
    read.bytes += more.bytes;
  };
  expect(await checkObjects(messageOf(), { ...look, onRead })).toEqual([]);
  expect(read).toEqual({ objects: 2, bytes: bytes.length + clean.length });
});

test.each<[string, Readonly<Record<string, Buffer | Error>>, RegExp]>([
  ['missing', { clean }, /object original \("m-0.xml"\) is missing/],
  ['one bit flipped', { original: flipped, clean }, /object original .* has other bytes than were taken/],
  ['cut off', { original: bytes.subarray(0, 9), clean }, /object original .* has 9 bytes; 16 were taken/],
  ['not to be opened', { original: damaged, clean }, /object original .* cannot be read: frame 0 is altered/],
  ['the sanitized one is another', { original: bytes, clean: bytes }, /object clean .* has 16 bytes; 9 were/],
])('%s', async (_what, objects, words) => {
  const findings = await checkObjects(messageOf(), custody(objects));
  expect(findings).toMatchObject([
    { check: 'custody', messageId: 'm-4', problem: expect.stringMatching(words) },
  ]);
});

test('a store that cannot be reached is no damage of an object', async () => {
  const away = new CustodyUnavailableError('the bucket does not answer');
  await expect(checkObjects(messageOf(), custody({ original: away, clean }))).rejects.toBe(away);
});

test('what retention takes meanwhile is not missed', async () => {
  expect(await checkObjects(messageOf(), custody({}, false))).toEqual([]);
  expect(await checkObjects(messageOf({ bytesRemoved: true }), custody({}))).toEqual([]);
});
