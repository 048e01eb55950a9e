// Compiled, never run: for each resource a use that must compile and one that must not. The same file is compiled against the packed
// package by the repository's scripts/packed-types.mjs, so it imports the package by its name and nothing else.
import type {
  ApiKey,
  AuthOptions,
  BulkResult,
  ClearedVerdict,
  Download,
  FileStatus,
  FileSummary,
  FolderEntry,
  IssuedKey,
  ListPage,
  Operation,
  Paged,
  Reason,
  ScanResult,
  UploadCheckpoint,
  UploadedGroup,
  UploadResult,
  Verdict,
  VerdictsResult,
} from '@mft-bridge/metadefender-mft-client';
import {
  assertCleared,
  evaluateVerdict,
  isApiError,
  isLoginError,
  MetaDefenderClient,
  parseCheckpoint,
} from '@mft-bridge/metadefender-mft-client';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Equal<A, B>): void => undefined;

export function construction(): void {
  new MetaDefenderClient({ baseUrl: 'https://mft.example.com:8010', auth: { apiKey: 'k' } });
  new MetaDefenderClient({ baseUrl: 'x', auth: { username: 'u', password: 'p', separator: 'colon' } });
  new MetaDefenderClient({ baseUrl: 'x', auth: { provider: () => Promise.resolve({ key: 'k' }) } });
  // @ts-expect-error nobody calls without saying who
  new MetaDefenderClient({ baseUrl: 'x' });
  // @ts-expect-error there is no switch that turns verification off
  new MetaDefenderClient({ baseUrl: 'x', auth: { apiKey: 'k' }, egress: { insecure: true } });
  // @ts-expect-error a separator is one of two
  const auth: AuthOptions = { username: 'u', password: 'p', separator: ';' };
  void auth;
}

export async function scanning(md: MetaDefenderClient): Promise<void> {
  const verdict = await md.scanFile('a.pdf', { timeoutMs: 1, onProgress: ({ sent, total }) => sent / total });
  same<typeof verdict, ScanResult>(true);
  same<typeof verdict.status, 'blocked' | 'cleared' | 'held' | 'pending'>(true);
  same<typeof verdict.reasons, readonly Reason[]>(true);
  // @ts-expect-error there is no status "clean"
  void (verdict.status === 'clean');
  // @ts-expect-error a verdict is not changed
  verdict.status = 'cleared';
  // @ts-expect-error what is expected of the file is known from its upload
  await md.scanFile('a.pdf', { expected: { size: 1 } });
}

export async function uploads(md: MetaDefenderClient): Promise<void> {
  same<UploadResult, Awaited<ReturnType<typeof md.uploads.uploadFile>>>(true);
  await md.uploads.uploadFile(new Uint8Array(1), { fileName: 'a', method: 'Stream', expiresAfterMs: 1 });
  await md.uploads.uploadFile({ open: () => new Blob(['x']).stream(), size: 1 }, { fileName: 'a' });
  const group = await md.uploads.uploadFiles([{ source: 'a' }, { source: 'b', fileName: 'c' }], {
    parallelFiles: 2,
  });
  same<typeof group, UploadedGroup>(true);
  const resume: UploadCheckpoint = parseCheckpoint(JSON.parse('{}'));
  await md.uploads.uploadFile('a', { resume, onCheckpoint: (checkpoint) => void JSON.stringify(checkpoint) });
  // @ts-expect-error a stream that is open already cannot be read twice
  await md.uploads.uploadFile(new Blob(['x']).stream());
  // @ts-expect-error a name belongs to each file, not to the group
  await md.uploads.uploadFiles([{ source: 'a' }], { fileName: 'x' });
  // @ts-expect-error a checkpoint is not made up by hand
  await md.uploads.uploadFile('a', { resume: { groupId: 'x' } });
}

export async function transfers(md: MetaDefenderClient): Promise<void> {
  const { groupId } = await md.transfers.open({ groupId: 'g', shareWith: ['a'] });
  const { fileId } = await md.transferFiles.open({ groupId, fileName: 'a', fileSize: 1, method: 'Chunk' });
  await md.transferFiles.chunk({ groupId, fileId, offset: 0, data: new Uint8Array(1) });
  await md.transferFiles.close({ groupId, fileId });
  const { files } = await md.transfers.complete({ groupId, expiresAfter: 1000 });
  same<typeof files, readonly { readonly fileId: string }[]>(true);
  // @ts-expect-error the id of a group is chosen by the caller
  await md.transfers.open({});
  // @ts-expect-error a transfer is in chunks or a stream
  await md.transferFiles.open({ groupId, fileName: 'a', fileSize: 1, method: 'Parallel' });
  // @ts-expect-error text is not bytes
  await md.transferFiles.chunk({ groupId, fileId, data: 'text' });
}

export async function files(md: MetaDefenderClient): Promise<void> {
  const status = await md.files.status('f');
  same<typeof status, FileStatus>(true);
  const verdict = evaluateVerdict(status, { size: 1 });
  same<typeof verdict, Verdict>(true);
  assertCleared(verdict);
  const cleared: ClearedVerdict = verdict;
  await md.files.downloadCleared(cleared, 'clean.pdf');
  const many = await md.files.waitForVerdicts(['a', { fileId: 'b', expected: { size: 1 } }], {
    perSecond: 5,
  });
  same<typeof many, VerdictsResult>(true);
  same<Awaited<ReturnType<typeof md.files.download>>, Download>(true);
  same<Awaited<ReturnType<typeof md.files.list>>, ListPage<FileSummary>>(true);
  same<ReturnType<typeof md.files.iterate>, Paged<FileSummary>>(true);
  same<Awaited<ReturnType<typeof md.files.deleteMany>>, BulkResult>(true);
  // @ts-expect-error only `my` and `all`
  await md.files.list({ type: 'ours' });
  // @ts-expect-error what is expected differs from file to file
  await md.files.waitForVerdicts(['a'], { expected: { size: 1 } });
  // @ts-expect-error an id alone proves nothing about the bytes
  await md.files.downloadCleared('f', 'clean.pdf');
}

export async function folders(md: MetaDefenderClient): Promise<void> {
  const { folderId } = await md.folders.root();
  for await (const entry of md.folders.iterateContent({ folderId })) {
    same<typeof entry, FolderEntry>(true);
    same<typeof entry.kind, 'file' | 'folder' | 'unknown'>(true);
  }
  await md.folders.create({ name: 'a', path: 'b' });
  // @ts-expect-error a search needs something to search for
  await md.folders.search({ folderId });
  // @ts-expect-error many are deleted by a list
  await md.folders.deleteMany(folderId);
}

export async function apiKeys(md: MetaDefenderClient): Promise<void> {
  const issued = await md.apiKeys.create({ expires: new Date() });
  same<typeof issued, IssuedKey>(true);
  same<typeof issued.key, string>(true);
  same<Awaited<ReturnType<typeof md.apiKeys.list>>, ListPage<ApiKey>>(true);
  await md.apiKeys.extend({ key: issued.key, byMs: 1000 });
  // @ts-expect-error a key ends
  await md.apiKeys.create({ description: 'for ever' });
  // @ts-expect-error dates are no text
  await md.apiKeys.extend({ key: 'k', until: '2026-01-01' });
}

export async function experimental(md: MetaDefenderClient): Promise<void> {
  await md.experimental.guests.create({ pinCode: '123-456', displayName: 'Guest', expiresAfterMs: 1 });
  const { daysLeft } = await md.experimental.licence.get();
  same<typeof daysLeft, number | undefined>(true);
  // @ts-expect-error a guest ends in one way, not in two
  await md.experimental.guests.create({ pinCode: '1', displayName: 'G', expiresAfterMs: 1, expires: 1 });
  // @ts-expect-error an account has a password
  await md.experimental.accounts.create({ firstName: 'a', lastName: 'b', userName: 'c', role: 'user' });
}

export async function escapeHatch(md: MetaDefenderClient): Promise<void> {
  const rescan: Operation<{ readonly id: string }, number> = {
    name: 'files.rescan',
    method: 'POST',
    path: '/rescan/{id}',
    safety: 'unsafe',
    encode: ({ id }) => ({ params: { id } }),
    output: { parse: Number },
  };
  same<number, Awaited<ReturnType<typeof md.request<{ readonly id: string }, number>>>>(true);
  await md.request(rescan, { id: 'x' });
  // @ts-expect-error the input is the operation's
  await md.request(rescan, { fileId: 'x' });
  // @ts-expect-error whether it may be repeated must be said
  const unsaid: Operation<undefined, unknown> = { name: 'x', method: 'GET', path: '/x' };
  void unsaid;
}

export function errors(error: unknown): void {
  if (isApiError(error)) {
    same<typeof error.key, string | undefined>(true);
    same<typeof error.outcome, 'not-sent' | 'rejected' | 'unknown'>(true);
  }
  // @ts-expect-error there is no such reason
  if (isLoginError(error)) void (error.reason === 'tired');
}
