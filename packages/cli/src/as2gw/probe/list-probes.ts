import type { Answer } from '../../probe/ask';
import { fieldsOf, namesOf, refusalOf } from '../../probe/ask';
import type { Probe } from '../../probe/probe';
import { differs, holds, Untested } from '../../probe/probe';
import type { As2Lab } from './lab';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Lists and their filters. */
export const listProbes: readonly Probe<As2Lab>[] = [
  {
    number: 6,
    question: 'which generation of names filters a list',
    async run(lab) {
      const list = await someList(lab, 1);
      const nobody = `${lab.tag}-nobody`;
      const v2 = (await list.read({ partnerIdentifier: nobody })).length === 0;
      const v1 = (await list.read({ partnerAS2Id: nobody })).length === 0;
      const detail = `partnerIdentifier is ${v2 ? 'honoured' : 'ignored'}, partnerAS2Id is ${v1 ? 'honoured' : 'ignored'}.`;
      return v2 ? holds(detail) : differs(`${detail}${v1 ? ' Use --compat v1.' : ''}`);
    },
  },
  {
    number: 7,
    question: 'where the parameter service is needed',
    async run(lab) {
      const query = { pageLength: 1, fetchAll: true };
      const withIt = await lab.asked({ method: 'GET', path: '/message/inbox', query });
      if (!withIt.ok) return differs(`A list with service=as2 is refused: ${refusalOf(withIt)}.`);
      const without = await lab.asked({
        method: 'GET',
        path: '/message/inbox',
        query: { ...query, service: undefined },
      });
      return holds(
        `service=as2 is taken; without it a list is ${without.ok ? 'answered as well' : `refused (${refusalOf(without)})`}.`,
      );
    },
  },
  {
    number: 10,
    question: 'items of a list',
    async run(lab) {
      const { answer, items } = await someList(lab, 1);
      const kinds = [...new Set(items.map((item) => (typeof item === 'string' ? 'text' : namesOf(item))))];
      const detail = `${namesOf(answer.body)} of ${kinds.join(', ')}`;
      return Array.isArray(fieldsOf(answer.body)['messages']) && kinds.join() === 'text'
        ? holds(detail)
        : differs(`${detail} instead of { messages } of text; the client reads both.`);
    },
  },
  {
    number: 11,
    question: 'does pageOffset count pages or messages',
    async run(lab) {
      // Two more of our own, should there be too few.
      const list = await someList(lab, 3);
      const first = await list.read({ pageLength: 2, pageOffset: 0 });
      const second = await list.read({ pageLength: 2, pageOffset: 1 });
      if (second.length === 0) return differs('The second page of a longer list is empty.');
      return JSON.stringify(second[0]) === JSON.stringify(first[1])
        ? differs('It counts messages; the client notices and corrects it.')
        : holds('Pages.');
    },
  },
  {
    number: 12,
    question: 'cursor, dates or a total in a list',
    async run(lab) {
      const answer = await lab.asked({
        method: 'GET',
        path: '/message/inbox',
        query: { pageLength: 1, fetchAll: true },
      });
      const others = Object.keys(fieldsOf(answer.body)).filter((name) => name !== 'messages');
      return others.length === 0 ? holds('None.') : differs(`The answer has more: ${namesOf(answer.body)}.`);
    },
  },
  {
    number: 13,
    question: 'what the filter by subject compares, and station with partner',
    async run(lab) {
      const { id } = await lab.messages.single();
      const found = async (query: Query): Promise<boolean> =>
        (await read(lab, '/message/outbox', { pageLength: 100, ...query })).includes(id);
      const whole = await found({ subject: `${lab.tag} one of several words` });
      const part = await found({ subject: `${lab.tag} one of` });
      const [station, nobody] = [lab.parties?.from, `${lab.tag}-nobody`];
      // Under both generations of names: which of them is honoured is another question.
      const both = await read(lab, '/message/outbox', {
        stationIdentifier: station,
        stationAS2Id: station,
        partnerIdentifier: nobody,
        partnerAS2Id: nobody,
      });
      const detail = `A whole subject is ${whole ? '' : 'not '}found, the beginning of one is ${part ? '' : 'not '}found; station and partner together are ${both.length === 0 ? 'both applied' : 'not both applied'}.`;
      return whole && both.length === 0 ? holds(detail) : differs(detail);
    },
  },
];

async function read(lab: As2Lab, path: string, query: Query): Promise<readonly unknown[]> {
  return itemsIn(await lab.asked({ method: 'GET', path, query }));
}

function itemsIn({ body, ok }: Answer): readonly unknown[] {
  if (!ok) return [];
  const messages = Array.isArray(body) ? (body as unknown[]) : fieldsOf(body)['messages'];
  return Array.isArray(messages) ? (messages as unknown[]) : [];
}

/** A list with at least so many messages in it: one of the account's, else that of our own. */
async function someList(lab: As2Lab, least: number) {
  const places = [
    { path: '/message/inbox', query: { fetchAll: true } },
    { path: '/message/outbox', query: {} },
  ];
  for (const own of [false, true]) {
    if (own && lab.parties !== undefined)
      await Promise.all([lab.messages.single(), lab.messages.several(), lab.messages.latin1()]);
    for (const { path, query } of places) {
      const answer = await lab.asked({ method: 'GET', path, query: { ...query, pageLength: 5 } });
      const items = itemsIn(answer);
      const readThis = (more: Query): Promise<readonly unknown[]> =>
        read(lab, path, { ...query, pageLength: 5, ...more });
      if (items.length >= least) return { answer, items, read: readThis };
    }
  }
  throw new Untested(
    `There are fewer than ${String(least)} messages in each box${lab.parties === undefined ? ', and none were sent: give --from and --to' : ''}.`,
  );
}
