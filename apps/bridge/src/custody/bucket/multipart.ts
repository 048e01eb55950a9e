import type * as Commands from '@aws-sdk/client-s3';
import { CustodyUnavailableError } from '../custody';
import type { AskStore, PutOptions } from './bucket';
import { md5 } from './bucket';
import { unless } from './bucket-retry';

/** One upload in parts. Nothing is visible under its name until it is completed. */
export interface MultipartUpload {
  readonly name: string;
  readonly id: string;
}

/** The requests of an upload in parts. */
export interface Multipart {
  begin(name: string, options: PutOptions): Promise<MultipartUpload>;
  /** Numbers count from 1. @returns the store's tag for the part */
  sendPart(
    upload: MultipartUpload,
    number: number,
    body: Buffer,
    signal: AbortSignal | undefined,
  ): Promise<string>;
  /** False where the name is taken or the upload is gone, perhaps completed by an earlier try whose answer was lost. */
  complete(
    upload: MultipartUpload,
    tags: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<boolean>;
  abort(upload: MultipartUpload): Promise<void>;
  /** Those that were begun and neither completed nor aborted. */
  unfinished(prefix: string): AsyncIterable<MultipartUpload & { readonly at: number }>;
}

export function createMultipart({
  s3,
  commands,
  bucket,
  ask,
}: {
  s3: Commands.S3Client;
  commands: typeof Commands;
  bucket: string;
  ask: AskStore;
}): Multipart {
  const at = ({ name, id }: MultipartUpload) => ({ Bucket: bucket, Key: name, UploadId: id });
  return {
    async begin(name, { notes, signal }) {
      const input = {
        Bucket: bucket,
        Key: name,
        ContentType: 'application/octet-stream',
        ...(notes === undefined ? {} : { Metadata: { ...notes } }),
      };
      const { UploadId } = await ask('Beginning an upload', signal, (options) =>
        s3.send(new commands.CreateMultipartUploadCommand(input), options),
      );
      return { name, id: UploadId ?? '' };
    },
    async sendPart(upload, number, body, signal) {
      const input = { ...at(upload), PartNumber: number, Body: body, ContentMD5: md5(body) };
      const asking = ask('Sending a part', signal, (options) =>
        s3.send(new commands.UploadPartCommand(input), options),
      );
      const sent = await unless('missing', asking);
      if (sent?.ETag !== undefined) return sent.ETag;
      throw new CustodyUnavailableError(
        `An upload in bucket ${bucket} was ended by somebody else while it was under way. It is tried again; where this repeats, look for a lifecycle rule that ends uploads too early.`,
      );
    },
    async complete(upload, tags, signal) {
      const Parts = tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
      const input = { ...at(upload), MultipartUpload: { Parts }, IfNoneMatch: '*' };
      const asking = ask('Completing an upload', signal, (options) =>
        s3.send(new commands.CompleteMultipartUploadCommand(input), options),
      );
      return (await unless('missing', unless('exists', asking))) !== undefined;
    },
    async abort(upload) {
      const asking = ask('Ending an upload', undefined, () =>
        s3.send(new commands.AbortMultipartUploadCommand(at(upload))),
      );
      await unless('missing', asking);
    },
    async *unfinished(prefix) {
      for (let marker = {}; ;) {
        const page = await ask('Listing the unfinished uploads', undefined, () =>
          s3.send(new commands.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...marker })),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
          if (Key !== undefined && UploadId !== undefined)
            yield { name: Key, id: UploadId, at: Initiated?.getTime() ?? Infinity };
        if (page.IsTruncated !== true) return;
        marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      }
    },
  };
}
