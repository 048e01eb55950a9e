import { randomBytes } from 'node:crypto';
import { fieldsOf, namesOf, refusalOf } from '../../probe/ask';
import type { Probe } from '../../probe/probe';
import { differs, holds, Untested } from '../../probe/probe';
import type { MdLab } from './lab';
import { idIn, newId, openTransfer } from './transfer';

/** Where the server parks pieces in S3, each but the last must have 5 MiB. */
const FIRST_PIECE = 5 * 1024 * 1024;
const LAST_PIECE = 1024;

/** The five calls of an upload. */
export const uploadProbes: readonly Probe<MdLab>[] = [
  {
    number: 5,
    question: 'how names that are not ASCII are read from a header',
    async run(lab) {
      const name = `${lab.tag} Übergröße 報.txt`;
      const content = Buffer.from(`${lab.tag}\n`);
      const read = async (how: 'utf8-latin1' | 'percent'): Promise<boolean> => {
        const { status } = await lab.scan(name, content, how);
        return status?.name?.normalize('NFC') === name.normalize('NFC');
      };
      const utf8 = await read('utf8-latin1');
      const percent = await read('percent');
      const seen = `raw UTF-8 (utf8-latin1) is ${utf8 ? '' : 'not '}read back exactly, percent-encoding is ${percent ? '' : 'not '}decoded`;
      return utf8 ? holds(`${seen}.`) : differs(`${seen}.`);
    },
  },
  {
    number: 7,
    question: 'answers to steps 2 to 5 of an upload',
    async run(lab) {
      const content = Buffer.from(`${lab.tag}\n`);
      const transfer = await openTransfer(lab);
      const opened = await transfer.openFile({ name: `${lab.tag}-steps.txt`, size: content.length });
      const fileId = idIn(opened, 'file_id');
      if (fileId === undefined)
        return differs(
          `Step 2 answers ${opened.ok ? `${namesOf(opened.body)}, without an id` : refusalOf(opened)}.`,
        );
      const sent = await transfer.chunk(fileId, 0, content);
      const closed = await transfer.closeFile(fileId);
      const completed = await transfer.complete();
      lab.forget(fileId);
      const steps = [opened, sent, closed, completed];
      const failed = steps.findIndex(({ ok }) => !ok);
      if (failed >= 0)
        return differs(`Step ${String(failed + 2)} is refused: ${refusalOf(steps[failed] ?? opened)}.`);
      const shapes = steps.map(({ body }, step) => `step ${String(step + 2)} ${namesOf(body)}`).join(', ');
      const asExpected =
        typeof fieldsOf(opened.body)['file_id'] === 'string' &&
        fieldsOf(closed.body)['result'] === 'success' &&
        Array.isArray(fieldsOf(completed.body)['files']);
      return asExpected ? holds(shapes) : differs(`${shapes}; the client reads all of these.`);
    },
  },
  {
    number: 8,
    question: 'may pieces come in any order, and one of them twice',
    async run(lab) {
      const [first, last] = [Buffer.alloc(FIRST_PIECE, `${lab.tag} `), randomBytes(LAST_PIECE)];
      const size = first.length + last.length;
      const transfer = await openTransfer(lab);
      const fileId = idIn(await transfer.openFile({ name: `${lab.tag}-pieces.bin`, size }), 'file_id');
      if (fileId === undefined) throw new Untested('Step 2 of an upload gave no id.');
      const answers = [
        await transfer.chunk(fileId, first.length, last),
        await transfer.chunk(fileId, 0, first),
        await transfer.chunk(fileId, 0, first),
        await transfer.closeFile(fileId),
      ];
      const names = ['The last piece first', 'The first piece', 'The same piece again', 'The end'];
      const refused = answers.findIndex(({ ok }) => !ok);
      return refused < 0
        ? holds('Both are taken, and the number of bytes is right.')
        : differs(
            `${names[refused] ?? ''} is refused: ${refusalOf(answers[refused] as (typeof answers)[number])}.`,
          );
    },
  },
  {
    number: 9,
    question: 'do ids that the client chooses make steps 1 and 2 repeatable',
    async run(lab) {
      const [groupId, fileId] = [newId(), newId()];
      const first = await openTransfer(lab, groupId);
      if (first.groupId !== groupId)
        return differs('The server answers with a group id of its own; the client adopts it.');
      const again = await openTransfer(lab, groupId).catch((error: unknown) => error);
      if (again instanceof Error) return differs(`The same group id a second time: ${again.message}`);
      const file = { name: `${lab.tag}-ids.txt`, size: 1, fileId };
      const ids = [await first.openFile(file), await first.openFile(file)].map((answer) =>
        answer.ok ? idIn(answer, 'file_id') : refusalOf(answer),
      );
      return ids.every((id) => id === fileId)
        ? holds('Both ids are kept, and asking again gives the same.')
        : differs(
            `The group id is kept; the file id ${ids[0] === fileId ? 'is kept, but not a second time' : 'is not'}.`,
          );
    },
  },
  {
    number: 10,
    question: "is a piece's MD5 compared",
    async run(lab) {
      const content = Buffer.from(`${lab.tag}\n`);
      const transfer = await openTransfer(lab);
      const fileId = idIn(
        await transfer.openFile({ name: `${lab.tag}-md5.txt`, size: content.length }),
        'file_id',
      );
      if (fileId === undefined) throw new Untested('Step 2 of an upload gave no id.');
      const wrong = await transfer.chunk(fileId, 0, content, '0'.repeat(32));
      return wrong.ok
        ? differs('No: a piece with a wrong MD5 is taken. Only the size in the status speaks for the bytes.')
        : holds(`A wrong one is refused: ${refusalOf(wrong)}.`);
    },
  },
  {
    number: 21,
    question: 'do headers with underscores reach the server',
    async run(lab) {
      const transfer = await openTransfer(lab);
      const opened = await transfer.openFile({ name: `${lab.tag}-headers.txt`, size: 1 });
      return opened.ok
        ? holds('Yes.')
        : differs(
            `Step 2 with all its headers is refused: ${refusalOf(opened)}. A proxy in between may drop them (nginx: underscores_in_headers on).`,
          );
    },
  },
];
