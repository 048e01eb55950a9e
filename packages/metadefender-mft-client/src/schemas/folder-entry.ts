import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import type { ListPage } from './list-page';
import { id, isFields, optionalCount, optionalText, tolerant } from './tolerant';

/** A file or a folder within a folder. Not evidence: decide on `files.status`. */
export interface FolderEntry {
  /** `unknown`: the server called it something else, see {@link FolderEntry.raw} */
  readonly kind: 'file' | 'folder' | 'unknown';
  /** id of the file or folder */
  readonly id: string;
  /** the name at the server */
  readonly name?: string | undefined;
  /** levels joined by a backslash */
  readonly path?: string | undefined;
  /** bytes */
  readonly size?: number | undefined;
  /** id of the folder that it lies in */
  readonly parentFolderId?: string | undefined;
  /** as the server wrote it; often without a zone, then UTC */
  readonly createdAt?: string | undefined;
  /** as the server wrote it */
  readonly modifiedAt?: string | undefined;
  /** an open list, see `FileStatus.availabilityState` */
  readonly availabilityState?: string | undefined;
  /** the whole answer, for what this view does not show */
  readonly raw: Readonly<Record<string, unknown>>;
}

const anyId = id.optional().catch(undefined);
const wireEntry = tolerant(
  {
    id: anyId,
    file_id: anyId,
    folder_id: anyId,
    // Text in the only page that shows it; a number would not say which is which.
    type: optionalText,
    name: optionalText,
    path: optionalText,
    size: optionalCount,
    parent_folder_id: anyId,
    creation_date: optionalText,
    last_modified_date: optionalText,
    availability_state: optionalText,
  },
  {
    folder_id: ['folder_guid'],
    name: ['displayed_name', 'folder_name'],
    creation_date: ['date_created', 'first_upload_time'],
  },
).transform((wire, context) => {
  // A file names the folder that it lies in as well, so its own id comes first.
  const found = wire.file_id ?? wire.id ?? wire.folder_id;
  if (found === undefined) {
    context.addIssue({ code: 'custom', message: 'has no id', path: ['id'] });
    return z.NEVER;
  }
  return { ...wire, id: found };
});

type WireEntry = z.infer<typeof wireEntry>;

function kindOf({ type, file_id: file, folder_id: folder }: WireEntry): FolderEntry['kind'] {
  if (type !== undefined) return /^(file|folder)$/i.test(type) ? (type.toLowerCase() as 'file') : 'unknown';
  if (file !== undefined) return 'file';
  return folder === undefined ? 'unknown' : 'folder';
}

const entry = (raw: unknown, kind?: FolderEntry['kind']): FolderEntry => {
  const wire = wireEntry.parse(raw);
  return {
    kind: kind ?? kindOf(wire),
    id: wire.id,
    name: wire.name,
    path: wire.path,
    size: wire.size,
    parentFolderId: wire.parent_folder_id,
    createdAt: wire.creation_date,
    modifiedAt: wire.last_modified_date,
    availabilityState: wire.availability_state,
    raw: isFields(raw) ? raw : {},
  };
};

const list = z.array(z.unknown()).nullish();
const page = tolerant(
  { total_count: optionalCount, items: list, files: list, folders: list },
  { total_count: ['filter_count'] },
);

/**
 * Parses what a folder holds in its three shapes: `{items, totalCount}`, `{items, filter_count}`, and `{folders, files}`, which comes
 * without a total. Folders stand before files.
 */
export const folderPage: Parser<ListPage<FolderEntry>> = {
  parse: (raw) => {
    const wire = page.parse(raw);
    // An answer that has none of the three lists is no empty folder.
    if (!wire.items && !wire.files && !wire.folders) z.object({ items: z.array(z.unknown()) }).parse(wire);
    const items = [
      ...(wire.items ?? []).map((one) => entry(one)),
      ...(wire.folders ?? []).map((one) => entry(one, 'folder')),
      ...(wire.files ?? []).map((one) => entry(one, 'file')),
    ];
    return wire.total_count === undefined ? { items } : { total: wire.total_count, items };
  },
};
