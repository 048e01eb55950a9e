import { fieldsOf, namesOf, refusalOf } from '../../probe/ask';
import type { Probe } from '../../probe/probe';
import { differs, holds, Untested, untested } from '../../probe/probe';
import type { As2Lab } from './lab';
import { ownInboxMessage } from './lab';
import { LATIN1_NAME, UTF8_NAME } from './probe-messages';

/** Messages, sent to oneself. */
export const messageProbes: readonly Probe<As2Lab>[] = [
  {
    number: 8,
    question: "name of the id in a submit's answer",
    async run({ messages }) {
      const { submitted } = await messages.single();
      return typeof fieldsOf(submitted.body)['messageIdentifier'] === 'string'
        ? holds(namesOf(submitted.body))
        : differs(
            `${namesOf(submitted.body)} instead of { messageIdentifier }; the client reads all spellings.`,
          );
    },
  },
  {
    number: 9,
    question: 'form of the header Link',
    async run({ messages }) {
      const { submitted, id } = await messages.single();
      const link = submitted.header('link');
      if (link === undefined) return differs('There is none.');
      if (/^\s*<[^>]+:\/\//.test(link)) return differs('As RFC 8288 says: <URL>; the client reads it.');
      if (link.endsWith(id)) return holds('A bare URL that ends in the raw id.');
      if (link.endsWith(encodeURIComponent(id))) return holds('A bare URL that ends in the encoded id.');
      return differs('A form that the documents do not show.');
    },
  },
  {
    number: 14,
    question: 'does reading a message mark it read where markAsRead is not given',
    async run(lab) {
      const { id } = await ownInboxMessage(lab);
      await lab.client.inbox.markUnread(id, { signal: lab.run.signal });
      const before = await readFlag(lab, id);
      await lab.asked({ method: 'GET', path: '/message/inbox/{id}', params: { id } });
      const after = await readFlag(lab, id);
      if (before)
        return differs('It was marked read although markAsRead=false was sent, or markUnread has no effect.');
      return after ? holds('Yes.') : differs('No; the client always sends the flag.');
    },
  },
  {
    number: 15,
    question: 'does listing attachments mark a message read',
    async run(lab) {
      const { id } = await ownInboxMessage(lab);
      const { inbox } = lab.client;
      await inbox.markUnread(id, { signal: lab.run.signal });
      await inbox.attachments(id, { signal: lab.run.signal });
      return (await readFlag(lab, id)) ? differs('Yes.') : holds('No.');
    },
  },
  {
    number: 16,
    question: 'what the outbox says of a message that was just submitted',
    async run({ messages }) {
      const { atOnce } = await messages.single();
      const status = fieldsOf(atOnce.body)['msgStatus'];
      const word = typeof status === 'string' && /^[\w ]{1,40}$/.test(status) ? ` (${status})` : '';
      const detail = `HTTP ${String(atOnce.status)}${word} at once; it stood in a box later. Failed messages were not tried.`;
      return atOnce.ok || atOnce.status === 404 ? holds(detail) : differs(detail);
    },
  },
  {
    number: 17,
    question: 'shape of a message',
    async run(lab) {
      const { id } = await lab.messages.single();
      const answer = await lab.asked({ method: 'GET', path: '/message/outbox/{id}', params: { id } });
      if (!answer.ok) return untested(`The outbox does not show it: ${refusalOf(answer)}.`);
      const fields = fieldsOf(answer.body);
      return ['identifier', 'senderIdentifier', 'receiverIdentifier'].every((name) => name in fields)
        ? holds(namesOf(fields))
        : differs(
            `${namesOf(fields)}, without identifier, senderIdentifier or receiverIdentifier; the client reads the old names too.`,
          );
    },
  },
  {
    number: 18,
    question: 'form of a message with several attachments',
    async run(lab) {
      const { total, attachments } = await lab.client.outbox.attachments(await lab.messages.several(), {
        signal: lab.run.signal,
      });
      return attachments.length === 2 && total === 2
        ? holds('multipart/form-data with a part "File" for each.')
        : differs(`Of two parts "File", ${String(attachments.length)} became attachments.`);
    },
  },
  {
    number: 19,
    question: 'names that are not ASCII',
    async run(lab) {
      const names = async (id: string): Promise<string[]> =>
        (await lab.client.outbox.attachments(id, { signal: lab.run.signal })).attachments.map(({ name }) =>
          name.normalize('NFC'),
        );
      const utf8 = (await names(await lab.messages.several())).includes(UTF8_NAME.normalize('NFC'));
      const latin1 = (await names(await lab.messages.latin1())).includes(LATIN1_NAME.normalize('NFC'));
      const detail = `Form data in UTF-8 is ${utf8 ? '' : 'not '}read back exactly, Attachment-Name in Latin-1 is ${latin1 ? 'as well' : 'not'}.`;
      return utf8 && latin1 ? holds(detail) : differs(detail);
    },
  },
  {
    number: 26,
    question: 'deleting several where one is not there',
    late: true,
    async run(lab) {
      const { id } = await lab.messages.single();
      const nobody = `<${lab.tag}@nobody.invalid>`;
      const answer = await lab.asked({
        method: 'POST',
        path: '/message/outbox/delete',
        body: { json: { messageIdentifiers: [id, nobody] } },
      });
      if (!answer.ok) return differs(`The whole call is refused: ${refusalOf(answer)}.`);
      const { deleted } = fieldsOf(answer.body);
      if (!Array.isArray(deleted))
        throw new Untested(`The answer is ${namesOf(answer.body)}, without deleted.`);
      return deleted.includes(id) && !deleted.includes(nobody)
        ? holds('The answer lists what was deleted, and only that.')
        : differs(`The answer lists ${String(deleted.length)} of the two.`);
    },
  },
];

/** Read with `markAsRead=false`, which must not change it. */
async function readFlag(lab: As2Lab, id: string): Promise<boolean> {
  const { read } = await lab.client.inbox.get(id, { signal: lab.run.signal });
  if (read === undefined) throw new Untested('The message does not tell whether it was read.');
  return read;
}
