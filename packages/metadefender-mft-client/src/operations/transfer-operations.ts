import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import type { FileNameEncoding } from '../names/header-text';
import { fileDuration } from '../schemas/duration';
import { headerTextInput, idInput } from '../schemas/inputs';
import { id, isFields, tolerant } from '../schemas/tolerant';

/** A group of files to open. */
export interface OpenTransferInput {
  /** A v4 UUID of your own, with or without dashes. It makes the call repeatable, and lets you abort a group whose answer was lost. */
  readonly groupId: string;
  /** user names or e-mail addresses */
  readonly shareWith?: readonly string[] | undefined;
  /** user name; administrators only */
  readonly impersonateAs?: string | undefined;
  /** @deprecated use `shareWith` */
  readonly recipients?: readonly string[] | undefined;
  /** @deprecated use `impersonateAs` */
  readonly sendAs?: string | undefined;
}

/** A group of files that was opened. */
export interface OpenedTransfer {
  /** the id to go on with: the server's, should it have answered another than was sent */
  readonly groupId: string;
}

/** A group of files to complete. */
export interface CompleteTransferInput {
  /** the group, as opening it answered */
  readonly groupId: string;
  /** milliseconds after which the server deletes the files, at most 10,675,199 days. Absent: the server's own default. */
  readonly expiresAfter?: number | undefined;
}

/** A group of files that was completed. */
export interface CompletedTransfer {
  /** what became visible; empty if the server's answer did not list it */
  readonly files: readonly { readonly fileId: string }[];
}

const group = z.strictObject({ groupId: idInput });
const openedTransfer = tolerant({ group_id: id }, { group_id: ['id'] }).transform((wire): OpenedTransfer => ({
  groupId: wire.group_id,
}));
const completed = tolerant({ files: z.array(tolerant({ file_id: id }, { file_id: ['id'] })).catch([]) });

/* eslint-disable @typescript-eslint/no-deprecated -- the old names are understood, translated and warned about */
const renamed = (input: OpenTransferInput): string | undefined => {
  const notices = [
    input.sendAs === undefined
      ? []
      : ['sendAs (header send_as) is deprecated by the vendor: use impersonateAs.'],
    input.recipients === undefined ? [] : ['recipients is deprecated by the vendor: use shareWith.'],
  ].flat();
  return notices.length === 0 ? undefined : notices.join(' ');
};
/** Two names for one header: which one counts must not be a guess. */
const bothNames = (input: OpenTransferInput): boolean =>
  (input.shareWith !== undefined && input.recipients !== undefined) ||
  (input.impersonateAs !== undefined && input.sendAs !== undefined);
/** Uploading for somebody else takes an administrator, and a 403 has to say so. */
export const forSomebodyElse = (input: OpenTransferInput): boolean =>
  input.impersonateAs !== undefined || input.sendAs !== undefined;

/** Steps 1 and 5 of an upload: a group of files is opened, and completed or aborted. */
export interface TransferOperations {
  readonly open: Operation<OpenTransferInput, OpenedTransfer>;
  readonly openFor: Operation<OpenTransferInput, OpenedTransfer>;
  readonly complete: Operation<CompleteTransferInput, CompletedTransfer>;
  readonly abort: Operation<{ readonly groupId: string }, unknown>;
}

/** @param names how text travels in headers */
export function transferOperations(names: FileNameEncoding, shareWithSeparator: string): TransferOperations {
  const open: TransferOperations['open'] = {
    name: 'transfers.open',
    method: 'GET',
    path: '/transfer',
    // A GET that creates state. With a group id of ours a second one finds the first.
    safety: 'keyed',
    access: 'user',
    input: z
      .strictObject({
        groupId: idInput,
        shareWith: z.array(headerTextInput(names, 'share_with entry')).optional(),
        impersonateAs: headerTextInput(names, 'impersonate_as').optional(),
        recipients: z.array(headerTextInput(names, 'share_with entry')).optional(),
        sendAs: headerTextInput(names, 'impersonate_as').optional(),
      })
      .refine((input) => !bothNames(input), 'an old and a new name of the same parameter exclude each other'),
    deprecated: renamed,
    encode: ({ groupId, shareWith, recipients, impersonateAs, sendAs }) => ({
      headers: {
        group_id: groupId,
        share_with: (shareWith ?? recipients)?.join(shareWithSeparator),
        impersonate_as: impersonateAs ?? sendAs,
      },
    }),
    output: openedTransfer,
  };
  return {
    open,
    openFor: { ...open, access: 'administrator' },
    complete: {
      name: 'transfers.complete',
      method: 'POST',
      path: '/transfer',
      // What a second one is answered is not documented: the upload looks at the file's status instead.
      safety: 'unsafe',
      access: 'user',
      input: z.strictObject({
        groupId: idInput,
        expiresAfter: z.number().positive().max(922_337_203_600_000).optional(),
      }),
      encode: ({ groupId, expiresAfter }) => ({
        headers: {
          group_id: groupId,
          expires_after: expiresAfter === undefined ? undefined : fileDuration(expiresAfter),
        },
      }),
      output: {
        parse: (raw) => ({
          files: isFields(raw) ? completed.parse(raw).files.map((file) => ({ fileId: file.file_id })) : [],
        }),
      },
    },
    abort: {
      name: 'transfers.abort',
      method: 'DELETE',
      path: '/transfer',
      safety: 'idempotent',
      access: 'user',
      input: group,
      encode: ({ groupId }) => ({ headers: { group_id: groupId } }),
    },
  };
}
