import { isOneOf, type FieldCheck } from './checked-fields';

/**
 * What no page of the vendor says, as far as a caller can feel it. A client has to bear either answer (reference,
 * section 11; the numbers are its questions), so either can be had here. The defaults are the likelier ones.
 */
export interface ScannerUndocumented {
  /** 3: whether the extended key of a session is another one (default) or the same. */
  readonly extendedKey: 'new' | 'same';
  /** 4: the answer to a missing, wrong or expired key: as the age of the page says (default), or one for all calls. */
  readonly refusedKey: 'by-page' | 401 | 403;
  /** 5: how the server reads headers like `file_name` beyond ASCII. Default `utf-8`. */
  readonly headerText: 'utf-8' | 'latin-1' | 'percent';
  /** 6: what stands between the names of `share_with`: either (default), or one of the two. */
  readonly shareSeparator: 'either' | ',' | ';';
  /** 7: the name of the id in the answer to `GET /transfer_file`. Default `file_id`. */
  readonly fileIdKey: 'file_id' | 'FileId' | 'id';
  /** 7: the answers to the chunk and to the end of a file: `{ "result": "success" }` (default) or no body. */
  readonly uploadReplies: 'result' | 'empty';
  /** Section 5: whether a download serves a `Range` (default) or sends the whole file with 200. */
  readonly range: 'served' | 'ignored';
  /** 12: the shape of `GET /folder_content`: that of `replies` (default), or `{ filter_count, items }`. */
  readonly folderContent: 'by-replies' | 'filter_count';
  /** 19: whether refusals by size and quota have a `ui_message_key`. Default `none`. */
  readonly limitKeys: 'none' | 'named';
  /** 20: the answer to `GET /version`. Default `object`. */
  readonly version: 'object' | 'text';
  /** Supplement 4: what the API does with a name that is taken: `-Copy(n)` (default), or both keep it. */
  readonly duplicateNames: 'copy' | 'keep';
  /** Supplement 4: `workflow_result` after a block was lifted: as the scan left it (default), or `Allowed`. */
  readonly liftedResult: 'kept' | 'Allowed';
  /** Supplement 1.4: the HTTP status of the bare array with which moving fails. Default 400. */
  readonly moveFailure: 400 | 200;
}

export const DEFAULT_UNDOCUMENTED: ScannerUndocumented = {
  extendedKey: 'new',
  refusedKey: 'by-page',
  headerText: 'utf-8',
  shareSeparator: 'either',
  fileIdKey: 'file_id',
  uploadReplies: 'result',
  range: 'served',
  folderContent: 'by-replies',
  limitKeys: 'none',
  version: 'object',
  duplicateNames: 'copy',
  liftedResult: 'kept',
  moveFailure: 400,
};

export const UNDOCUMENTED_CHECKS: Readonly<Record<keyof ScannerUndocumented, FieldCheck>> = {
  extendedKey: isOneOf('new', 'same'),
  refusedKey: isOneOf('by-page', 401, 403),
  headerText: isOneOf('utf-8', 'latin-1', 'percent'),
  shareSeparator: isOneOf('either', ',', ';'),
  fileIdKey: isOneOf('file_id', 'FileId', 'id'),
  uploadReplies: isOneOf('result', 'empty'),
  range: isOneOf('served', 'ignored'),
  folderContent: isOneOf('by-replies', 'filter_count'),
  limitKeys: isOneOf('none', 'named'),
  version: isOneOf('object', 'text'),
  duplicateNames: isOneOf('copy', 'keep'),
  liftedResult: isOneOf('kept', 'Allowed'),
  moveFailure: isOneOf(400, 200),
};
