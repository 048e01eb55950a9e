import type { Parser } from '@mft-bridge/http-transport';
import { id, isFields, optionalCount, optionalText, tolerant } from './tolerant';

/** A file as lists show it. Not evidence: decide on `files.status`. */
export interface FileSummary {
  /** as the server writes it, with or without dashes */
  readonly fileId: string;
  /** the name at the server */
  readonly name?: string | undefined;
  /** bytes */
  readonly size?: number | undefined;
  /** folder, levels joined by a backslash */
  readonly path?: string | undefined;
  /** an open list, see `FileStatus.availabilityState` */
  readonly availabilityState?: string | undefined;
  /** display key such as `FILE_STATE_SANITIZED` */
  readonly availabilityStateKey?: string | undefined;
  /** as the server wrote it; often without a zone, then UTC */
  readonly createdAt?: string | undefined;
  /** the whole answer, for what this view does not show */
  readonly raw: Readonly<Record<string, unknown>>;
}

const summary = tolerant(
  {
    file_id: id,
    name: optionalText,
    size: optionalCount,
    path: optionalText,
    availability_state: optionalText,
    availability_state_key: optionalText,
    creation_date: optionalText,
  },
  { file_id: ['id'], name: ['displayed_name'], creation_date: ['date_created', 'first_upload_time'] },
);

/** Parses one file of a list. */
export const fileSummary: Parser<FileSummary> = {
  parse: (raw) => {
    const wire = summary.parse(raw);
    return {
      fileId: wire.file_id,
      name: wire.name,
      size: wire.size,
      path: wire.path,
      availabilityState: wire.availability_state,
      availabilityStateKey: wire.availability_state_key,
      createdAt: wire.creation_date,
      raw: isFields(raw) ? raw : {},
    };
  },
};
