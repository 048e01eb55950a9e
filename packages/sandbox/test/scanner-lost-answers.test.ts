import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';
import { expectLostAnswer, operationsOf, type OperationCase } from './operations-kit';
import { call as kitCall, ids, login, openFile, upload, type HeaderMap, type Upload } from './scanner-kit';

interface World {
  readonly handle: MetaDefenderSandbox;
  /** Opened, nothing sent. */
  readonly open: Upload;
  /** All bytes are there. */
  readonly filled: Upload;
  /** Only the last call is missing. */
  readonly closed: Upload;
  /** Of a completed file. */
  readonly fileId: string;
  readonly folderId: string;
  readonly publicId: string;
  /** Of the session of `ann`. */
  readonly session: string;
}

const BASE = '/vault_rest';
const GROUP = 'ab'.repeat(16);
function send(
  { handle }: World,
  request: string,
  headers: HeaderMap = {},
  body?: string,
  key: string = handle.apiKey,
): Promise<Response> {
  const [method = '', path = ''] = request.split(' ');
  return fetch(`${handle.url}${BASE}${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}
const ok = async (world: World, request: string, headers: HeaderMap = {}): Promise<boolean> =>
  (await send(world, request, headers)).ok;
const json = async (world: World, request: string) =>
  (await send(world, request)).json() as Promise<ReturnType<typeof JSON.parse>>;
const open = async ({ handle }: World): Promise<Upload> => openFile(handle, 'f.txt', 1);
const fileGone = async (world: World): Promise<boolean> => !(await ok(world, `GET /file/${world.fileId}`));
const folderNames = async (world: World): Promise<string[]> => {
  const { folder_id: root } = await json(world, 'GET /root_folder');
  const { folders } = await json(world, `GET /folder_content/${String(root)}/0/99`);
  return folders.map((folder: { name: string }) => folder.name);
};

const CASES: readonly (Omit<OperationCase<World>, 'operation'> & { readonly on: string })[] = [
  { on: 'GET /authenticate', call: (world) => send(world, 'GET /authenticate', login('ann\r\npw')) },
  {
    on: 'DELETE /authenticate',
    again: 403,
    call: (world) => send(world, 'DELETE /authenticate', {}, undefined, world.session),
    done: async (world) => (await send(world, 'GET /version', {}, undefined, world.session)).status === 401,
  },
  {
    // The key that nobody heard of is the one that lives: who asks again with the old one has to log in.
    on: 'PUT /token',
    again: 403,
    call: (world) => send(world, 'PUT /token', {}, undefined, world.session),
    done: async (world) => (await send(world, 'GET /version', {}, undefined, world.session)).status === 401,
  },
  {
    on: 'POST /token',
    call: (world) => send(world, 'POST /token', {}, JSON.stringify({ expires: '2099-01-01T00:00:00Z' })),
    done: async (world) => (await json(world, 'GET /tokens/0/99')).filter_count === 2,
  },
  { on: 'GET /tokens/{start}/{count}', call: (world) => send(world, 'GET /tokens/0/9') },
  {
    // With an id of one's own it is found again.
    on: 'GET /transfer',
    call: (world) => send(world, 'GET /transfer', { group_id: GROUP }),
  },
  {
    on: 'GET /transfer_file',
    call: (world) =>
      send(world, 'GET /transfer_file', {
        group_id: world.open.groupId,
        file_id: GROUP,
        transfer_method: 'Chunk',
        file_size: '0',
        file_name: 'second.txt',
      }),
  },
  {
    on: 'PATCH /transfer_file',
    call: (world) => send(world, 'PATCH /transfer_file', { ...ids(world.open), chunk_offset: '0' }, 'x'),
  },
  {
    on: 'POST /transfer_file',
    again: 400,
    call: (world) => send(world, 'POST /transfer_file', ids(world.filled)),
  },
  {
    on: 'DELETE /transfer_file',
    again: 400,
    call: (world) => send(world, 'DELETE /transfer_file', ids(world.open)),
  },
  {
    on: 'DELETE /transfer',
    again: 400,
    call: (world) => send(world, 'DELETE /transfer', { group_id: world.open.groupId }),
  },
  {
    on: 'POST /transfer',
    again: 400,
    call: (world) => send(world, 'POST /transfer', { group_id: world.closed.groupId }),
    done: ({ handle, closed }) => handle.files.some(({ fileId }) => fileId === closed.fileId),
  },
  { on: 'GET /files/{type}/{start}/{count}', call: (world) => send(world, 'GET /files/my/0/9') },
  {
    on: 'GET /file/status/{file_id}',
    call: (world) => send(world, `GET /file/status/${world.fileId}`),
  },
  {
    on: 'GET /file/{file_id}',
    call: (world) => send(world, `GET /file/${world.fileId}`),
    done: ({ handle, fileId }) =>
      handle.files.some((file) => file.fileId === fileId && file.notifications > 0),
  },
  { on: 'GET /public/{id}', call: (world) => send(world, `GET /public/${world.publicId}`) },
  {
    on: 'DELETE /file/{file_id}',
    again: 404,
    call: (world) => send(world, `DELETE /file/${world.fileId}`),
    done: fileGone,
  },
  {
    on: 'DELETE /files',
    call: (world) => send(world, 'DELETE /files', {}, JSON.stringify([world.fileId])),
    done: fileGone,
  },
  { on: 'GET /root_folder', call: (world) => send(world, 'GET /root_folder') },
  {
    on: 'GET /folder_content/{id}/{start}/{count}',
    call: (world) => send(world, `GET /folder_content/${world.folderId}/0/9`),
  },
  {
    on: 'GET /folder_search/{id}/{start}/{count}',
    call: (world) => send(world, `GET /folder_search/${world.folderId}/0/9`, { find: 'x' }),
  },
  {
    on: 'POST /folder',
    again: 400,
    call: (world) => send(world, 'POST /folder', {}, JSON.stringify({ name: 'new', path: '' })),
    done: async (world) => (await folderNames(world)).includes('new'),
  },
  {
    on: 'PUT /rename_folder',
    call: (world) =>
      send(
        world,
        'PUT /rename_folder',
        {},
        JSON.stringify({ folder_id: world.folderId, new_folder_name: 'renamed' }),
      ),
    done: async (world) => (await folderNames(world)).includes('renamed'),
  },
  {
    on: 'DELETE /folders',
    call: (world) => send(world, 'DELETE /folders', {}, JSON.stringify([world.folderId])),
    done: async (world) => !(await folderNames(world)).includes('in'),
  },
  {
    on: 'PUT /rename_file',
    call: (world) =>
      send(
        world,
        'PUT /rename_file',
        {},
        JSON.stringify({ file_id: world.fileId, new_file_name: 'renamed.txt' }),
      ),
    done: async (world) => (await json(world, `GET /file/status/${world.fileId}`)).name === 'renamed.txt',
  },
  {
    on: 'PUT /move_files',
    call: (world) =>
      send(
        world,
        'PUT /move_files',
        {},
        JSON.stringify({ files: [{ file_id: world.fileId, name: 'a.txt' }], new_path: 'in' }),
      ),
    done: async (world) => (await json(world, `GET /file/status/${world.fileId}`)).path === 'in',
  },
  {
    on: 'POST /create_archive_download',
    call: (world) =>
      send(world, 'POST /create_archive_download', {}, JSON.stringify({ file_ids: [world.fileId] })),
  },
  { on: 'GET /version', call: (world) => send(world, 'GET /version') },
];
const named = CASES.map(({ on, ...rest }) => ({ operation: on.replace(' ', ` ${BASE}`), ...rest }));

describe('an answer that is lost after the work was done: every operation of the scanner', () => {
  let world: World;
  beforeEach(async () => {
    const handle = await startMetaDefenderSandbox({ users: [{ username: 'ann', password: 'pw' }] });
    const started = { handle } as World;
    const [filled, closed] = [await open(started), await open(started)];
    for (const file of [filled, closed])
      await kitCall(handle, 'PATCH /transfer_file', { ...ids(file), chunk_offset: '0' }, 'x');
    await kitCall(handle, 'POST /transfer_file', ids(closed));
    const { fileId } = await upload(handle, 'a.txt', Buffer.from('a'));
    const folder = await kitCall(handle, 'POST /folder', {}, JSON.stringify({ name: 'in', path: '' }));
    const session = await kitCall(handle, 'GET /authenticate', login('ann\r\npw'), undefined, null);
    world = {
      handle,
      open: await open(started),
      filled,
      closed,
      fileId,
      folderId: folder.body.folder_guid,
      publicId: handle.operator.publish(fileId),
      session: session.body.token,
    };
  });
  afterEach(() => world.handle.close());

  it('leaves out none', () => {
    expect(named.map(({ operation }) => operation).sort()).toEqual(operationsOf(world.handle).sort());
  });

  it.each(named.map((one) => [one.operation, one] as const))('%s', async (_name, one) => {
    await expectLostAnswer(world, one);
  });
});
