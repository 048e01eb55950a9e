/**
 * The tables as the queries see them. Times are epoch ms, ids are text made by the application, structured
 * values are JSON as text, booleans are 0 or 1: all of it means the same to SQLite and to PostgreSQL.
 */
export interface Tables {
  message: MessageRow;
  attachment: AttachmentRow;
  obligation: ObligationRow;
  delivery: DeliveryRow;
  due: DueRow;
  event: EventRow;
  intake_failure: IntakeFailureRow;
  setting: SettingRow;
  schema_version: SchemaVersionRow;
  seal: SealRow;
  command: CommandRow;
  skipped: SkippedRow;
  forgotten_event: ForgottenEventRow;
  forgotten_message: ForgottenMessageRow;
  member: MemberRow;
  lease: LeaseRow;
}

export interface MessageRow {
  id: string;
  station: string;
  partner: string;
  gateway_id: string;
  subject: string | null;
  gateway_time: number | null;
  taken_at: number;
  content_digest: string;
  route: string | null;
  acknowledged: number;
  resends: number;
  policy_version: string | null;
  mode: string;
  legal_hold: number;
  bytes_removed: number;
  revision: number;
  /** `messageState` of the aggregate, written in the same program; for lists and counts only. */
  state: string;
  /**
   * When the machine last had done all that it owed; null while it owes something. Of an archived message the time of its
   * newest event. Retention counts from here.
   */
  settled_at: number | null;
  /** Head of the audit chain. */
  head_sequence: number;
  head_hash: string;
}

/** What the parts of a message have in common; `ordinal` is the place in the aggregate's array. */
interface PartRow {
  id: string;
  message_id: string;
  ordinal: number;
}

export interface AttachmentRow extends PartRow {
  position: number;
  name: string;
  content_type: string | null;
  media: string;
  size: number;
  sha256: string;
  custody_key: string;
  scan_group_id: string | null;
  scan_upload_name: string;
  scan_file_id: string | null;
  scan_uploaded_size: number | null;
  scan_uploaded_sha256: string | null;
  /** JSON of `Evidence`. */
  scan_evidence: string | null;
  scan_sanitized_size: number | null;
  scan_sanitized_sha256: string | null;
  scan_sanitized_custody_key: string | null;
  scan_disposed: number;
}

export interface ObligationRow extends PartRow {
  attachment_id: string | null;
  destination: string | null;
  place: string;
  /** JSON of `Reason[]`. */
  reasons: string;
  delivery_id: string | null;
}

export interface DeliveryRow extends PartRow {
  destination: string;
  state: string;
  intended_at: number | null;
  send_by: number | null;
  remote_id: string | null;
  /** The remote id once the delivery was `submitted` under it: unique. */
  claimed_id: string | null;
  proof: string | null;
}

export interface DueRow {
  id: string;
  kind: string;
  subject: string;
  message_id: string;
  /** Of the message, so that claims are fair between partners. */
  partner: string;
  due_at: number;
  since: number;
  attempts: number;
  epoch: number;
  revision: number;
  /** 0: nobody holds it. */
  lease_until: number;
  /** The member that holds it, where several bridges share the ledger. */
  holder: string | null;
  why: string | null;
}

export interface EventRow {
  message_id: string;
  sequence: number;
  at: number;
  /** Canonical JSON of the event. */
  event: string;
  hash: string;
  /** Number of the seal that holds it; null until it is sealed. */
  seal: number | null;
}

export interface IntakeFailureRow {
  gateway_id: string;
  reason: string;
  tries: number;
  first_at: number;
  next_at: number;
}

export interface SettingRow {
  key: string;
  value: string;
}

/** One link of the ledger's own chain: what it says cannot be changed later without being seen. */
export interface SealRow {
  number: number;
  at: number;
  /** Hash of the seal before. */
  previous: string;
  events: number;
  /** SHA-256 over the hashes of the events, sorted. */
  root: string;
  hash: string;
}

/** What a person asked for. */
export interface CommandRow {
  id: string;
  kind: string;
  message_id: string;
  /** JSON. */
  argument: string;
  actor: string;
  asked_at: number;
  done_at: number | null;
  /** JSON of `CommandOutcome`. */
  outcome: string | null;
}

/** A message of the gateway that is older than `intake.startFrom`: it is not asked for again. */
export interface SkippedRow {
  gateway_id: string;
  gateway_time: number;
}

/** What stays of an event whose retention is over. */
export interface ForgottenEventRow {
  hash: string;
  seal: number;
  /** Empty where an earlier version of the bridge forgot it. */
  message_id: string;
}

/** What stays of a message whose retention is over, and is sealed as an event is. */
export interface ForgottenMessageRow {
  message_id: string;
  at: number;
  /** How many its audit chain had, and the hash of the last. */
  events: number;
  head_hash: string;
  /** SHA-256 over the hashes of all of them, sorted. */
  root: string;
  /** Canonical JSON of `RemovalEnding`. */
  ending: string;
  /** SHA-256 over the canonical JSON of all of the above. */
  hash: string;
  /** Null until it is sealed. */
  seal: number | null;
}

/** A bridge that shares the ledger with others. */
export interface MemberRow {
  id: string;
  /** For people. */
  name: string;
  /** Version of its program, and of the schema that it knows. */
  program: string;
  schema: number;
  started_at: number;
  /** By the server's clock: whoever sees it past this time removes it. */
  beat_until: number;
  /** The members among whom it shares limits, as it last said. */
  counted: string;
  /** What does not answer it, one a line: what the reasons begin with for which its work waits. */
  down: string;
  /** JSON: digests of what its configuration and keys are. */
  parts: string;
}

/** What one member alone does. */
export interface LeaseRow {
  name: string;
  member: string;
}

export interface SchemaVersionRow {
  version: number;
  name: string;
  applied_at: number;
  /** See `Migration`; null where no older program may. */
  usable_from: number | null;
}
