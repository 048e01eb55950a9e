import { setTimeout as wait } from 'node:timers/promises';
import type { CallOptions, Operation, Transport, TransportEvents } from '@mft-bridge/http-transport';
import { checkOptionNames, createTransport } from '@mft-bridge/http-transport';
import type { ClientSession } from './auth/create-client-session';
import { createClientSession } from './auth/create-client-session';
import type { ClientOptions } from './client-options';
import { baseUrlOf, clientOptionNames } from './client-options';
import { hint } from './errors/hint';
import { readError } from './errors/read-error';
import { getVersion } from './operations/system-operations';
import { transferFileOperations } from './operations/transfer-file-operations';
import { transferOperations } from './operations/transfer-operations';
import type { ApiKeys } from './resources/api-keys';
import { createApiKeys } from './resources/api-keys';
import type { Experimental } from './resources/experimental';
import { createExperimental } from './resources/experimental';
import type { Files } from './resources/files';
import { createFiles } from './resources/files';
import type { Folders } from './resources/folders';
import { createFolders } from './resources/folders';
import type { TransferFiles } from './resources/transfer-files';
import { createTransferFiles } from './resources/transfer-files';
import type { Transfers } from './resources/transfers';
import { createTransfers } from './resources/transfers';
import type { Uploads } from './resources/uploads';
import { createUploads } from './resources/uploads';
import type { ScanOptions, ScanResult } from './scan/scan-file';
import { scanFile } from './scan/scan-file';
import { createUploadBuffers } from './upload/upload-buffers';
import type { UploadSource } from './upload/upload-source';

/** 10 MiB for each of four chunks. */
const UPLOAD_BUFFER_BYTES = 40 * 1024 * 1024;

/**
 * The MetaDefender Managed File Transfer REST API.
 *
 * **Concurrency.** One client serves a whole process: every method may be called any number of times at once. Calls share the session
 * (one login or extension is under way at a time, all wait for it, each as long as its own signal permits), the request limit, the
 * retry budget, and the memory of uploads: chunks of all uploads together never hold more than `uploadBufferBytes`, further ones wait
 * their turn. Nothing else is shared; in particular an upload never touches the group of another one. After `close()` every call is refused.
 *
 * @example
 * const md = new MetaDefenderClient({ baseUrl: 'https://mft.example.com:8010', auth: { apiKey } });
 * const verdict = await md.scanFile('invoice.pdf', { timeoutMs: 15 * 60_000 });
 * if (verdict.status === 'cleared') await md.files.downloadCleared(verdict, 'clean.pdf');
 * else console.error(verdict.status, verdict.reasons);
 */
export class MetaDefenderClient {
  /** groups of files on their way in, call by call: steps 1 and 5 of an upload */
  readonly transfers: Transfers;
  /** the files of such a group, call by call: steps 2 to 4 */
  readonly transferFiles: TransferFiles;
  /** files that were uploaded: verdicts, downloads, lists, deletion */
  readonly files: Files;
  /** folders and what they hold */
  readonly folders: Folders;
  /** whole uploads: what most callers want */
  readonly uploads: Uploads;
  /** long-lived keys; administrator level */
  readonly apiKeys: ApiKeys;
  /** calls known only from old pages or from scripts */
  readonly experimental: Experimental;
  readonly #transport: Transport;
  readonly #session: ClientSession;

  /** @throws InvalidRequestError for options that cannot work, such as plain http to another host without `allowInsecureHttp` */
  constructor(options: ClientOptions) {
    checkOptionNames('client.create', options, clientOptionNames);
    const {
      now = Date.now,
      random = Math.random,
      sleep = pause,
      fileNames = 'ascii',
      shareWithSeparator = ',',
    } = options;
    this.#session = createClientSession(options.auth, { transport: () => this.#transport, now });
    this.#transport = createTransport({
      baseUrl: baseUrlOf(options.baseUrl),
      operationsPrefix: '/vault_rest',
      session: this.#session.session,
      allowInsecureHttp: options.allowInsecureHttp,
      egress: options.egress,
      retry: options.retry,
      limit: options.limit,
      clocks: options.clocks,
      userAgent: options.userAgent,
      readError,
      hint,
      now,
      random,
      sleep,
    });
    this.transfers = createTransfers(this.#transport, transferOperations(fileNames, shareWithSeparator));
    this.transferFiles = createTransferFiles(this.#transport, transferFileOperations(fileNames));
    this.files = createFiles(this.#transport, { now, random, sleep });
    this.folders = createFolders(this.#transport);
    this.apiKeys = createApiKeys(this.#transport);
    this.experimental = createExperimental(this.#transport);
    this.uploads = createUploads({
      transfers: this.transfers,
      transferFiles: this.transferFiles,
      files: this.files,
      names: fileNames,
      buffers: createUploadBuffers(options.uploadBufferBytes ?? UPLOAD_BUFFER_BYTES),
    });
  }

  /**
   * Uploads a file and waits for its verdict.
   *
   * @returns a verdict for everything that the scanner can say; a size at the server that differs from what was sent is `held`
   * @throws as `uploads.uploadFile` and `files.waitForVerdict`
   */
  scanFile(source: UploadSource, options: ScanOptions = {}): Promise<ScanResult> {
    return scanFile(source, options, { uploads: this.uploads, files: this.files });
  }

  /** The product's version: `GET /version`. Also the cheapest way to see whether server and key are good. */
  version(options?: CallOptions): Promise<string> {
    return this.#transport.call(getVersion, undefined, options);
  }

  /**
   * Calls what this client has no method for, with the same session, retries and errors. The path is below `/vault_rest`.
   *
   * @example
   * await md.request({ name: 'audit.list', method: 'GET', path: '/audit/0/100', safety: 'safe', access: 'administrator' }, undefined);
   */
  request<In, Out>(operation: Operation<In, Out>, input: In, options?: CallOptions): Promise<Out> {
    return this.#transport.call(operation, input, options);
  }

  /** Observes requests, answers, retries and deprecations. Returns the function that stops it. */
  on<E extends keyof TransportEvents>(event: E, listener: (event: TransportEvents[E]) => void): () => void {
    return this.#transport.on(event, listener);
  }

  /**
   * Ends the session at the server: `DELETE /authenticate`. Does nothing if none was begun.
   *
   * @throws InvalidRequestError with an API key or a provider: the call would delete the key that it is made with
   */
  logout(options: Pick<CallOptions, 'signal'> = {}): Promise<void> {
    return this.#session.logout(options.signal);
  }

  /** Aborts what is under way and closes all connections. The session at the server lives on: call `logout()` before to end it. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  /** As `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A timer that is given more than it can hold fires at once. Who waits longer than 24 days looks at the clock again. */
async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await wait(Math.min(ms, 2 ** 31 - 1), undefined, signal === undefined ? {} : { signal });
}
