import type { Parser } from '@mft-bridge/http-transport';
import { id, isFields, optionalFlag, optionalText, tolerant } from './tolerant';

/** A folder as the server describes it. */
export interface Folder {
  /** as the server writes it, with or without dashes */
  readonly folderId: string;
  /** empty for the root */
  readonly name?: string | undefined;
  /** levels joined by a backslash; empty for the root */
  readonly path?: string | undefined;
  /** display name of the owner */
  readonly owner?: string | undefined;
  /** a number, as text */
  readonly ownerId?: string | undefined;
  /** an open list */
  readonly availabilityState?: string | undefined;
  /** whether the caller may share it */
  readonly canUpdateSharing?: boolean | undefined;
  /** the whole answer, for what this view does not show */
  readonly raw: Readonly<Record<string, unknown>>;
}

const wireFolder = tolerant(
  {
    folder_id: id,
    name: optionalText,
    path: optionalText,
    owner: optionalText,
    owner_id: id.optional().catch(undefined),
    availability_state: optionalText,
    can_update_sharing: optionalFlag,
  },
  // Creation calls the same id a guid and puts the name under another key.
  { folder_id: ['folder_guid', 'id'], name: ['folder_name'] },
);

/** Parses one folder. */
export const folder: Parser<Folder> = {
  parse: (raw) => {
    const wire = wireFolder.parse(raw);
    return {
      folderId: wire.folder_id,
      name: wire.name,
      path: wire.path,
      owner: wire.owner,
      ownerId: wire.owner_id,
      availabilityState: wire.availability_state,
      canUpdateSharing: wire.can_update_sharing,
      raw: isFields(raw) ? raw : {},
    };
  },
};
