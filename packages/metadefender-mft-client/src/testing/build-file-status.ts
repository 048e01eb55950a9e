import { fileStatus } from '../schemas/file-status';
import type { FileStatus } from '../schemas/file-status';

/**
 * What a scanner may have said of a file.
 *
 * - `cleared`, `sanitized`: released; `sanitized` stores what Deep CDR made of it
 * - `blocked`: refused
 * - `pending`: still being scanned; `locked`: outbreak prevention keeps it until a time
 * - `failed`: could not be scanned; `overridden`: a person lifted the block; `unapproved`: a supervisor has not looked yet
 */
export type StatusKind =
  'blocked' | 'cleared' | 'failed' | 'locked' | 'overridden' | 'pending' | 'sanitized' | 'unapproved';

/** What to say otherwise, under the names that the server uses (`file_id`, `scan_result` …). */
export type StatusParts = Readonly<Record<string, unknown>>;

const allowed = { workflow_result: 'Allowed', blocked_reason: '', actions_failed: '' };
const refused = (reason: string) => ({
  workflow_result: 'Blocked',
  blocked_reason: reason,
  actions_failed: '',
});

const base: StatusParts = {
  file_id: '0123456789abcdef0123456789abcdef',
  name: 'invoice.pdf',
  path: '',
  size: 1234,
  first_upload_time: '2026-01-01T00:00:00.0000000',
  is_file_owned: true,
  availability_state: 'Available',
  processing_state: 'Processed',
  is_sanitized: false,
  is_locked: false,
  unlock_eta: null,
  scan_result: allowed,
  supervisor_approval_state: 'ApprovalDisabled',
  administrator_approval_state: 'ApprovalDisabled',
  current_approval_count: 0,
  required_approval_count: 1,
  can_be_downloaded: true,
  can_be_deleted: true,
  can_be_rescanned: true,
};

const kinds: Readonly<Record<StatusKind, StatusParts>> = {
  cleared: {},
  sanitized: { is_sanitized: true, availability_state_key: 'FILE_STATE_SANITIZED' },
  blocked: { availability_state: 'Blocked', can_be_downloaded: false, scan_result: refused('Infected') },
  pending: { availability_state: 'BeingProcessed', can_be_downloaded: false, scan_result: null },
  failed: {
    availability_state: 'ProcessingFailed',
    can_be_downloaded: false,
    scan_result: refused('Encrypted Archive'),
  },
  locked: { is_locked: true, unlock_eta: '2099-01-01T00:00:00.0000000Z' },
  overridden: { availability_state_key: 'FILE_STATE_AVAILABLE_OVERRIDDEN', scan_result: refused('Infected') },
  unapproved: { supervisor_approval_state: 'PendingApproval', can_be_downloaded: false },
};

/**
 * The JSON with which the server answers `GET /file/status/{fileId}`, for tests that answer themselves (nock, msw).
 *
 * @example
 * nock(url).get(`/vault_rest/file/status/${fileId}`).reply(200, buildStatusAnswer('blocked', { file_id: fileId }));
 */
export function buildStatusAnswer(
  kind: StatusKind = 'cleared',
  parts: StatusParts = {},
): Record<string, unknown> {
  return { ...base, ...kinds[kind], ...parts };
}

/**
 * What `files.status` gives for such an answer.
 *
 * @example
 * expect(evaluateVerdict(buildFileStatus('overridden')).status).toBe('held');
 */
export function buildFileStatus(kind: StatusKind = 'cleared', parts: StatusParts = {}): FileStatus {
  return fileStatus.parse(buildStatusAnswer(kind, parts));
}
