export { MetaDefenderClient } from './client';
export type { ClientOptions } from './client-options';
export type { AuthOptions, KeyProvider, UserKey } from './auth/auth-options';

export type { Transfers } from './resources/transfers';
export type { SendChunkInput, TransferFiles } from './resources/transfer-files';
export type { DownloadOptions, Files, ListFilesWindow } from './resources/files';
export type { FolderContentWindow, Folders, FolderSearchWindow } from './resources/folders';
export type { Uploads } from './resources/uploads';
export type { ApiKeys } from './resources/api-keys';
export type { Experimental } from './resources/experimental';
export type { Paged } from './resources/paged';
export type {
  CompletedTransfer,
  CompleteTransferInput,
  OpenedTransfer,
  OpenTransferInput,
} from './operations/transfer-operations';
export type {
  OpenedTransferFile,
  OpenTransferFileInput,
  TransferFileRef,
} from './operations/transfer-file-operations';
export type { ListFilesInput, MoveFilesInput, StartedArchive } from './operations/file-operations';
export type {
  CreateFolderInput,
  FolderContentInput,
  FolderSearchInput,
} from './operations/folder-operations';
export type { CreateKeyInput, ExtendKeyInput, ListKeysInput } from './operations/api-key-operations';
export type {
  ActivateLicenceInput,
  CreateAccountInput,
  CreateGuestInput,
  Ending,
  OptionalEnding,
} from './operations/experimental-operations';
export type { FileStatus, ScanResult as FileScanResult } from './schemas/file-status';
export type { FileSummary } from './schemas/file-summary';
export type { ListPage } from './schemas/list-page';
export type { Folder } from './schemas/folder';
export type { FolderEntry } from './schemas/folder-entry';
export type { ApiKey, IssuedKey } from './schemas/api-key';
export type { Account, Licence, LicenceActivation } from './schemas/account';
export type { BulkItem, BulkResult } from './schemas/bulk-result';

export type {
  AbandonedGroup,
  FileOptions,
  FileToUpload,
  GroupOptions,
  SentBytes,
  UploadedGroup,
  UploadFileOptions,
  UploadFilesOptions,
  UploadResult,
} from './upload/upload-options';
export { parseCheckpoint } from './upload/upload-checkpoint';
export type { FileCheckpoint, UploadCheckpoint } from './upload/upload-checkpoint';
export type { AcknowledgedChunks, ChunkAhead } from './upload/chunk-ledger';
export type { OnCheckpoint } from './upload/checkpoint-keeper';
export type { ByteStream, StreamFactory, UploadSource, WebByteStream } from './upload/upload-source';
export type { UploadProgress } from './upload/progress';
export type { ScanOptions, ScanResult } from './scan/scan-file';
export type { DownloadedFile } from './download/download-cleared';

export { evaluateVerdict } from './verdict/evaluate-verdict';
export type { ExpectedFile } from './verdict/evaluate-verdict';
export { assertCleared } from './verdict/assert-cleared';
export { sameVerdict } from './verdict/same-verdict';
export { overrideMarks } from './verdict/override-marks';
export type { ClearedVerdict, Reason, ReasonCode, Verdict } from './verdict/verdict';
export type { WaitOptions } from './verdict/wait-options';
export type { AwaitedFile, VerdictsResult, WaitManyOptions } from './verdict/wait-for-verdicts';

export { asciiFileName } from './names/ascii-file-name';
export type { FileNameEncoding } from './names/header-text';
export { serverDate } from './schemas/server-date';

export { errorKey } from './errors/error-key';
export { isLoginError, LoginError } from './errors/login-error';
export type { LoginErrorReason } from './errors/login-error';
export { isNotClearedError, NotClearedError } from './errors/not-cleared-error';
export { isUploadSourceError, UploadSourceError } from './errors/upload-source-error';

// What calls throw and take, so that a user of this package needs no second import.
export {
  AbortedError,
  ApiError,
  BadRequestError,
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  isAbortedError,
  isApiError,
  isBadRequestError,
  isConflictError,
  isConnectionError,
  isForbiddenError,
  isInvalidRequestError,
  isMftBridgeError,
  isNotFoundError,
  isPayloadTooLargeError,
  isRateLimitedError,
  isRedirectRefusedError,
  isRequestBodyError,
  isResponseShapeError,
  isServerError,
  isServiceUnavailableError,
  isTimeoutError,
  isUnauthorizedError,
  isUnprocessableError,
  MftBridgeError,
  NotFoundError,
  PayloadTooLargeError,
  RateLimitedError,
  RedirectRefusedError,
  RequestBodyError,
  ResponseShapeError,
  safeFileName,
  ServerError,
  ServiceUnavailableError,
  TimeoutError,
  UnauthorizedError,
  UnprocessableError,
} from '@mft-bridge/http-transport';
export type {
  CallFacts,
  CallOptions,
  ClockName,
  Clocks,
  DeprecationEvent,
  Download,
  EgressOptions,
  FieldIssue,
  HttpMethod,
  Operation,
  Outcome,
  Parser,
  QueryValue,
  RequestBody,
  RequestEvent,
  RequestParts,
  ResponseEvent,
  RetryBudgetOptions,
  RetryEvent,
  RetryOptions,
  Safety,
  TransportEvents,
} from '@mft-bridge/http-transport';
