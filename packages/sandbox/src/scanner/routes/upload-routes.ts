import type { Request, Response } from 'express';
import type { Routes } from '../../routes';
import type { Account } from '../accounts';
import { parseApiDate, parseDays } from '../api-dates';
import { caller } from '../caller';
import { completeTransfer } from '../complete-transfer';
import { MAX_CHUNK_BYTES, receiveChunk } from '../receive-chunk';
import { invalidParameter, Refusal } from '../refusal';
import { normalPath } from '../folders';
import { parameter, requiredParameter, wholeNumber } from '../parameters';
import type { ScannerContext } from '../scanner-context';
import type { OpenFile, Transfer } from '../transfers';

const SUCCESS = { result: 'success' };

/** The five calls of an upload and its two ways out. Old pages: a bad header is a 401, a bad key or opener a 403. */
export function addUploadRoutes(routes: Routes, context: ScannerContext): void {
  const { accounts, keys, transfers, now, settings } = context;
  const transferOf = (request: Request): Transfer => {
    const { account } = caller(request, keys, 'old');
    return transfers.find(idParameter(request, 'group_id'), account);
  };
  const fileOf = (request: Request): { transfer: Transfer; file: OpenFile } => {
    const transfer = transferOf(request);
    return { transfer, file: transfers.findFile(transfer, idParameter(request, 'file_id')) };
  };

  const done = (response: Response): void => {
    if (settings().undocumented.uploadReplies === 'empty') response.status(200).end();
    else response.json(SUCCESS);
  };

  routes.add('GET', '/vault_rest/transfer', (request, response) => {
    const { account } = caller(request, keys, 'old');
    // The user interface asks which group is meant; the API cannot.
    if (account.uploaderGroups !== 1 && !settings().uploadWithoutGroup) throw groupRequired();
    const groupId =
      parameter(request, 'group_id') === undefined ? context.newId() : idParameter(request, 'group_id');
    const as = parameter(request, 'impersonate_as') ?? parameter(request, 'send_as');
    if (as !== undefined && account.role !== 'Administrator') {
      throw new Refusal(403, 'Only administrators can upload for somebody else');
    }
    const owner = as === undefined ? account : accounts.byName(as);
    if (owner === undefined) throw invalidParameter('old', 'impersonate_as');
    const names = parameter(request, 'share_with') ?? parameter(request, 'recipients') ?? '';
    const sharedWith = names
      .split({ either: /[,;]/, ',': ',', ';': ';' }[settings().undocumented.shareSeparator])
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => {
        const found = accounts.byName(name);
        if (found === undefined) throw invalidParameter('old', 'share_with');
        return found;
      });
    const transfer = transfers.open(groupId, account, owner, sharedWith);
    response.json(transferReply(transfer));
  });

  routes.add('GET', '/vault_rest/transfer_file', (request, response) => {
    const transfer = transferOf(request);
    const method = requiredParameter(request, 'transfer_method', 'old');
    if (method !== 'Stream' && method !== 'Chunk') throw invalidParameter('old', 'transfer_method');
    const fileId =
      parameter(request, 'file_id') === undefined ? context.newId() : idParameter(request, 'file_id');
    const name = requiredParameter(request, 'file_name', 'old');
    const size = wholeNumber(requiredParameter(request, 'file_size', 'old'), 'file_size', 'old');
    if (!transfer.files.has(fileId)) checkRoom(size, transfer.owner, context);
    const file = transfers.openFile(transfer, {
      fileId,
      name,
      size,
      path: normalPath(parameter(request, 'path') ?? ''),
      method,
    });
    response.json({ [settings().undocumented.fileIdKey]: file.fileId });
  });

  routes.add('PATCH', '/vault_rest/transfer_file', async (request, response) => {
    const { file } = fileOf(request);
    if (file.content !== undefined) throw new Refusal(400, 'The file is already complete');
    const offset = chunkOffset(request, file);
    if (Number(request.headers['content-length'] ?? 0) > MAX_CHUNK_BYTES) {
      throw new Refusal(400, 'A chunk may have 100 MB at most');
    }
    await receiveChunk(request, file, offset, parameter(request, 'chunk_checksum'));
    done(response);
  });

  routes.add('POST', '/vault_rest/transfer_file', async (request, response) => {
    const { file } = fileOf(request);
    if (file.content !== undefined) throw new Refusal(400, 'The file is already complete');
    if (file.receiving > 0) throw new Refusal(400, 'A chunk of the file is still being received');
    const arrived = file.ledger.contiguous();
    if (arrived !== file.size) {
      throw new Refusal(
        400,
        `The file was announced with ${file.size} bytes, and ${arrived} of them have arrived`,
      );
    }
    file.content = await file.writer.finish();
    done(response);
  });

  routes.add('DELETE', '/vault_rest/transfer_file', async (request, response) => {
    const { transfer, file } = fileOf(request);
    await transfers.dropFile(transfer, file);
    response.json(SUCCESS);
  });

  routes.add('DELETE', '/vault_rest/transfer', async (request, response) => {
    await transfers.abort(transferOf(request));
    response.json(SUCCESS);
  });

  routes.add('POST', '/vault_rest/transfer', async (request, response) => {
    const transfer = transferOf(request);
    const key = caller(request, keys, 'old');
    const files = await completeTransfer(transfer, key, expiry(request, now()), context);
    response.json({
      files: files.map(({ fileId }) => ({
        file_id: fileId,
        // The server writes what it believes to be its own name, on two different ports: nobody should fetch these.
        file_url: `http://mft.sandbox.invalid:8000/vault_rest/file/${fileId}`,
        folder_url: 'http://mft.sandbox.invalid:8010/files/personal/folder',
      })),
    });
  });
}

function groupRequired(): Refusal {
  return new Refusal(400, 'The file uploader group is required', 'UPLOAD_FILE_UPLOADER_GROUP_IS_REQUIRED');
}

/** Both limits are documented, their answers are not: 400 as for any request that cannot be done, and no key. */
function checkRoom(size: number, owner: Account, { settings, shelf, transfers }: ScannerContext): void {
  const { capacity, undocumented } = settings();
  const { fileBytes, storageBytes } = capacity;
  const named = undocumented.limitKeys === 'named';
  if (fileBytes !== null && size > fileBytes)
    throw new Refusal(
      400,
      `The file is larger than the limit of ${fileBytes} bytes`,
      named ? 'UPLOAD_FILE_SIZE_LIMIT' : null,
    );
  if (storageBytes !== null && shelf.stored(owner) + transfers.announced(owner) + size > storageBytes)
    throw new Refusal(
      400,
      `The storage quota of ${storageBytes} bytes is exceeded`,
      named ? 'UPLOAD_STORAGE_QUOTA_EXCEEDED' : null,
    );
}

/** In Stream mode an offset is not needed, but where one is sent it must be the next one. */
function chunkOffset(request: Request, file: OpenFile): number {
  const text = parameter(request, 'chunk_offset');
  // Asked for only where it matters: it looks at all chunks so far.
  const next = text === undefined || file.method === 'Stream' ? file.ledger.contiguous() : 0;
  if (text === undefined && file.method === 'Chunk') throw invalidParameter('old', 'chunk_offset');
  const offset = text === undefined ? next : wholeNumber(text, 'chunk_offset', 'old');
  if (offset > file.size) throw invalidParameter('old', 'chunk_offset');
  if (file.method === 'Stream' && (offset !== next || file.receiving > 0)) {
    throw new Refusal(400, 'A stream takes its chunks in order, one at a time');
  }
  return offset;
}

function expiry(request: Request, now: number): number | undefined {
  const after = parameter(request, 'expires_after');
  const at = parameter(request, 'expires');
  if (after !== undefined && at !== undefined)
    throw invalidParameter('old', 'expires and expires_after exclude each other');
  if (after !== undefined) {
    const ms = parseDays(after);
    if (ms === undefined) throw invalidParameter('old', 'expires_after');
    return now + ms;
  }
  if (at === undefined) return undefined;
  const end = parseApiDate(at);
  if (end === undefined) throw invalidParameter('old', 'expires');
  return end;
}

/** Ids are 32 hex digits; a UUID with dashes means the same. */
function idParameter(request: Request, name: string): string {
  const id = requiredParameter(request, name, 'old').replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(id)) throw invalidParameter('old', name);
  return id;
}

function transferReply(transfer: Transfer): Record<string, unknown> {
  const { owner, opener, groupId, sharedWith } = transfer;
  return {
    group_id: groupId,
    owner: {
      email: owner.email,
      first_name: owner.username,
      is_impersonated: owner.userId !== opener.userId,
      last_name: '',
      username: owner.username,
    },
    shared_with: sharedWith.map((account: Account) => ({
      email: account.email,
      id: account.userId,
      username: account.username,
    })),
  };
}
