import type { Parser } from '@mft-bridge/http-transport';
import { id, isFields, optionalCount, optionalText, tolerant } from './tolerant';

/** A file as lists show it. Not evidence: decide on `files.status`. */
export interface FileSummary {
  readonly fileId: string;
  readonly name?: string | undefined;
  /** bytes */
  readonly size?: number | undefined;
  readonly path?: string | undefined;
  readonly availabilityState?: string | undefined;
  readonly availabilityStateKey?: string | undefined;
  /** as the server wrote it; often without a zone, then UTC */
  readonly createdAt?: string | undefined;
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
