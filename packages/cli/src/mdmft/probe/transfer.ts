import { createHash, randomUUID } from 'node:crypto';
import type { Answer } from '../../probe/ask';
import { ask, fieldsOf, refusalOf } from '../../probe/ask';
import { Untested } from '../../probe/probe';
import type { MdLab } from './lab';

/** An upload, step by step and by hand. */
export interface RawTransfer {
  readonly groupId: string;
  /** Answer to step 1. */
  readonly opened: Answer;
  openFile(file: { readonly name: string; readonly size: number; readonly fileId?: string }): Promise<Answer>;
  chunk(fileId: string, offset: number, data: Buffer, md5?: string): Promise<Answer>;
  closeFile(fileId: string): Promise<Answer>;
  complete(): Promise<Answer>;
}

/** A v4 UUID without dashes, as ids look at this server. */
export const newId = (): string => randomUUID().replaceAll('-', '');

/**
 * Step 1. The group is aborted at the end of the run, unless it was completed.
 *
 * @throws Untested where the server opens none
 */
export async function openTransfer(lab: MdLab, groupId = newId()): Promise<RawTransfer> {
  const { raw, run, undo } = lab;
  const opened = await ask(
    raw,
    { method: 'GET', path: '/transfer', headers: { group_id: groupId } },
    run.signal,
  );
  if (!opened.ok) throw new Untested(`Step 1 of an upload was refused: ${refusalOf(opened)}.`);
  const answered = idIn(opened, 'group_id') ?? groupId;
  const group = { group_id: answered };
  let complete = false;
  undo.add(`the transfer ${answered}`, async () => {
    if (!complete) await ask(raw, { method: 'DELETE', path: '/transfer', headers: group });
  });
  return {
    groupId: answered,
    opened,
    openFile: ({ name, size, fileId }) =>
      ask(
        raw,
        {
          method: 'GET',
          path: '/transfer_file',
          headers: { ...group, transfer_method: 'Chunk', file_size: size, file_name: name, file_id: fileId },
        },
        run.signal,
      ),
    chunk: (fileId, offset, data, md5 = createHash('md5').update(data).digest('hex')) =>
      ask(
        raw,
        {
          method: 'PATCH',
          path: '/transfer_file',
          headers: { ...group, file_id: fileId, chunk_offset: offset, chunk_checksum: md5 },
          body: { bytes: data, contentType: 'application/octet-stream' },
        },
        run.signal,
      ),
    closeFile: (fileId) =>
      ask(
        raw,
        { method: 'POST', path: '/transfer_file', headers: { ...group, file_id: fileId } },
        run.signal,
      ),
    async complete() {
      const answer = await ask(
        raw,
        { method: 'POST', path: '/transfer', headers: { ...group, expires_after: '00:01:00:00' } },
        run.signal,
      );
      complete = answer.ok;
      return answer;
    },
  };
}

/** An id in an answer, under its usual name or with another casing. */
export function idIn({ body }: Answer, name: string): string | undefined {
  const fold = (text: string): string => text.replaceAll('_', '').toLowerCase();
  const fields = fieldsOf(body);
  const found = Object.keys(fields).find((key) => fold(key) === fold(name));
  const value = fields[found ?? 'id'];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
