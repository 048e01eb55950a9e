import type { MetaDefenderSandbox } from '@mft-bridge/sandbox';
import { startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import { isBadRequestError, isInvalidRequestError, isNotFoundError, MetaDefenderClient } from '../src/index';
import { folderPage } from '../src/schemas/folder-entry';

let sandbox: MetaDefenderSandbox;
let md: MetaDefenderClient;
beforeAll(async () => {
  sandbox = await startMetaDefenderSandbox();
  md = new MetaDefenderClient({ baseUrl: sandbox.url, auth: { apiKey: sandbox.apiKey } });
});
afterAll(async () => {
  await md.close();
  await sandbox.close();
});
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const upload = (fileName: string, folder?: string) =>
  md.uploads.uploadFile(Buffer.from(fileName), { fileName, ...(folder === undefined ? {} : { folder }) });

test('folders are created, filled, walked through, searched, renamed and deleted', async () => {
  const root = await md.folders.root();
  expect(root).toMatchObject({ name: '', path: '' });

  const { folderId, name } = await md.folders.create({ name: 'inbox' });
  expect(name).toBe('inbox');
  const inner = await md.folders.create({ name: '2026', path: 'inbox' });
  for (let index = 0; index < 5; index += 1) await upload(`file-${String(index)}.txt`, 'inbox');
  await upload('deep.txt', 'inbox\\2026');

  const page = await md.folders.content({ folderId, count: 2 });
  expect(page.items).toHaveLength(2);
  const all = await md.folders.iterateContent({ folderId, count: 2 }).toArray({ limit: 100 });
  expect(all.map((entry) => `${entry.kind} ${entry.name ?? ''}`).sort()).toEqual([
    'file file-0.txt',
    'file file-1.txt',
    'file file-2.txt',
    'file file-3.txt',
    'file file-4.txt',
    'folder 2026',
  ]);
  expect(all.find(({ kind }) => kind === 'folder')?.id).toBe(inner.folderId);

  const found = await md.folders.iterateSearch({ folderId, find: 'deep' }).toArray({ limit: 10 });
  expect(found).toMatchObject([{ kind: 'file', name: 'deep.txt' }]);
  expect(
    await md.folders
      .iterateSearch({ folderId: root.folderId, find: 'file-', count: 2 })
      .toArray({ limit: 10 }),
  ).toHaveLength(5);

  await md.folders.rename({ folderId: inner.folderId, newName: 'archive' });
  expect((await md.files.status(found[0]!.id)).path).toBe('inbox\\archive');

  const gone = '0'.repeat(32);
  const half = await md.folders.deleteMany([inner.folderId, gone]);
  expect(half.succeeded).toHaveLength(0);
  expect(half.failed[0]).toMatchObject({ key: 'API_FOLDER_CAN_NOT_DELETE_FOLDER_NOT_FOUND' });
  expect((await md.folders.deleteMany([folderId])).succeeded).toHaveLength(1);
  expect(isNotFoundError(await failureOf(md.folders.content({ folderId })))).toBe(true);
});

test('the shape of the machine-written pages is read as well', async () => {
  sandbox.change({ replies: 'pascal' });
  const { folderId } = await md.folders.create({ name: 'other' });
  await upload('a.txt', 'other');
  expect(await md.folders.iterateContent({ folderId }).toArray({ limit: 10 })).toMatchObject([
    { kind: 'file', name: 'a.txt' },
  ]);
  sandbox.change({ replies: 'vault' });
});

test('a folder that stands there already is the server’s to refuse, a name of two levels is ours', async () => {
  await md.folders.create({ name: 'twice' });
  expect(isBadRequestError(await failureOf(md.folders.create({ name: 'twice' })))).toBe(true);
  expect(isInvalidRequestError(await failureOf(md.folders.create({ name: 'a\\b' })))).toBe(true);
  expect(isInvalidRequestError(await failureOf(md.folders.content({ folderId: '../x' })))).toBe(true);
});

const file = { file_id: 'f1', name: 'a.txt', size: 3 };
const folder = { folder_id: 'd1', name: 'sub' };
test.each([
  [
    'items and totalCount',
    {
      totalCount: 9,
      items: [
        { id: 'f1', name: 'a.txt', type: 'File', parentFolderId: 'd0' },
        { id: 'd1', name: 'sub', type: 'folder' },
      ],
    },
    9,
  ],
  [
    'Items and TotalCount',
    {
      TotalCount: 9,
      Items: [
        { Id: 'f1', Name: 'a.txt', Type: 'file' },
        { Id: 'd1', Type: 'folder' },
      ],
    },
    9,
  ],
  ['items and filter_count', { filter_count: 9, items: [file, folder] }, 9],
  ['files and folders', { message: null, ui_message_key: null, files: [file], folders: [folder] }, undefined],
])('the content of a folder is read from %s', (_, body, total) => {
  const page = folderPage.parse(body);
  expect(page.total).toBe(total);
  expect(page.items.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual(['file f1', 'folder d1']);
});

test('an entry of a kind that nobody knows is kept, an answer without a list is refused', () => {
  expect(folderPage.parse({ items: [{ id: 'x', type: 'shortcut' }] }).items).toMatchObject([
    { kind: 'unknown', id: 'x', raw: { type: 'shortcut' } },
  ]);
  expect(() => folderPage.parse({ message: null })).toThrow();
  expect(() => folderPage.parse({ items: [{ name: 'no id' }] })).toThrow();
});
