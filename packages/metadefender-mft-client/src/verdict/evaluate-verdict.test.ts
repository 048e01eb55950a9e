import { sample2018, sample2021 } from '../../test/status-samples';
import { fileStatus } from '../schemas/file-status';
import { assertCleared } from './assert-cleared';
import { evaluateVerdict } from './evaluate-verdict';

const verdictOf = (change: Record<string, unknown>, expected = {}) =>
  evaluateVerdict(fileStatus.parse({ ...sample2021(), ...change }), expected);
const codes = (change: Record<string, unknown>, expected = {}) =>
  verdictOf(change, expected).reasons.map((reason) => reason.code);
const scan = (change: Record<string, unknown>) => ({
  scan_result: { actions_failed: '', blocked_reason: '', workflow_result: 'Allowed', ...change },
});
const without = (field: string) => {
  const wire = sample2021();
  Reflect.deleteProperty(wire, field);
  return evaluateVerdict(fileStatus.parse(wire));
};

test.each([
  ['2021', sample2021()],
  ['2018', sample2018()],
])('the documented sample of a released file of %s is cleared', (_, wire) => {
  expect(evaluateVerdict(fileStatus.parse(wire))).toMatchObject({
    status: 'cleared',
    reasons: [],
    sanitized: false,
    name: 'invoice.pdf',
  });
});

test('a sanitized file is cleared and says so', () => {
  expect(verdictOf({ is_sanitized: true, availability_state_key: 'FILE_STATE_SANITIZED' })).toMatchObject({
    status: 'cleared',
    sanitized: true,
  });
});

test.each(['Composing', 'QueuedForProcessing', 'BeingProcessed'])('%s is pending', (availability_state) => {
  expect(verdictOf({ availability_state })).toMatchObject({
    status: 'pending',
    reasons: [{ code: 'processing' }],
  });
});

test.each([
  ['Blocked', 'blocked'],
  ['BlockedNoSanitization', 'blocked-no-sanitization'],
])('%s is blocked, and the reason is told without control characters', (availability_state, code) => {
  const verdict = verdictOf({ availability_state, ...scan({ blocked_reason: 'Infected\u001b[31m\u202e' }) });
  expect(verdict).toMatchObject({ status: 'blocked', reasons: [{ code }] });
  expect(verdict.reasons[0]?.text).toContain('"Infected [31m "');
});

test.each([
  ['ProcessingFailed', 'processing-failed'],
  ['Expired', 'expired'],
  ['Deleted', 'deleted'],
  ['Available - overridden', 'state-unknown'],
  ['available', 'state-unknown'],
  ['constructor', 'state-unknown'],
])('the state %s is held as %s', (availability_state, code) => {
  expect(verdictOf({ availability_state }).status).toBe('held');
  expect(codes({ availability_state })).toContain(code);
});

test.each<[string, Record<string, unknown>, string]>([
  ['no permission to download', { can_be_downloaded: false }, 'not-downloadable'],
  ['permission as text', { can_be_downloaded: 'true' }, 'not-downloadable'],
  ['locked without an end', { is_locked: true }, 'locked'],
  ['locked until nonsense', { is_locked: true, unlock_eta: 'soon' }, 'locked'],
  ['lock as text', { is_locked: 'false' }, 'lock-unknown'],
  ['never scanned', scan({ workflow_result: '' }), 'workflow-result-missing'],
  ['no result object', { scan_result: null }, 'workflow-result-missing'],
  ['a lifted block', scan({ workflow_result: 'Blocked' }), 'block-lifted'],
  ['a new result', scan({ workflow_result: 'AllowedWithRemarks' }), 'workflow-result-unknown'],
  ['a result in other letters', scan({ workflow_result: 'allowed' }), 'workflow-result-unknown'],
  ['allowed with a reason to block', scan({ blocked_reason: 'Infected' }), 'blocked-reason-present'],
  ['a failed action', scan({ actions_failed: 'Sanitization Failed' }), 'action-failed'],
  ['failed actions as a list', scan({ actions_failed: ['Sanitization Failed'] }), 'action-failed'],
  ['no word on actions', scan({ actions_failed: undefined }), 'actions-unknown'],
  ['no word on sanitization', { is_sanitized: null }, 'sanitization-unknown'],
  ['sanitization as text', { is_sanitized: 'false' }, 'sanitization-unknown'],
  [
    'not sanitized, says the flag only',
    { availability_state_key: 'FILE_STATE_SANITIZED' },
    'sanitization-contradicts',
  ],
  ['an unknown state key', { availability_state_key: 'FILE_STATE_REVIEWED' }, 'state-key-unknown'],
  ['an overridden state key', { availability_state_key: 'FILE_STATE_AVAILABLE_OVERRIDDEN' }, 'overridden'],
  ['a false positive', { is_false_positive: true }, 'overridden'],
  ['a false positive as text', { is_false_positive: 'true' }, 'overridden'],
  ['an unknown field of an override', { overridden_by: 'bob' }, 'overridden'],
  ['an override inside of the result', scan({ isOverridden: 1 }), 'overridden'],
  ['approval pending', { supervisor_approval_state: 'Pending' }, 'approval-unknown'],
  ['no approval state', { supervisor_approval_state: undefined }, 'approval-unknown'],
  ['approved by too few', { supervisor_approval_state: 'Approved' }, 'approval-missing'],
  [
    'approved without numbers',
    { supervisor_approval_state: 'Approved', current_approval_count: null, required_approval_count: null },
    'approval-missing',
  ],
  [
    'an administrator let an unsanitized file pass',
    { administrator_approval_state: 'Approved', current_approval_count: 1 },
    'sanitization-waived',
  ],
  ['processing failed after all', { processing_state: 'ProcessingFailed' }, 'processing-contradicts'],
  ['still in progress', { processing_state: 'BeingProcessed' }, 'processing-contradicts'],
])('%s: held', (_, change, code) => {
  expect(verdictOf(change).status).toBe('held');
  expect(codes(change)).toContain(code);
});

test.each([
  'can_be_downloaded',
  'is_locked',
  'scan_result',
  'is_sanitized',
  'supervisor_approval_state',
  'administrator_approval_state',
])('without %s it is held', (field) => expect(without(field).status).toBe('held'));

test.each([
  'name',
  'size',
  'path',
  'unlock_eta',
  'processing_state',
  'first_upload_time',
  'current_approval_count',
])('without %s it is still cleared', (field) => expect(without(field).status).toBe('cleared'));

test('enough approvals clear a file', () => {
  expect(codes({ supervisor_approval_state: 'Approved', current_approval_count: 1 })).toEqual([]);
});

test('a lock with an end is pending, and tells the end', () => {
  expect(verdictOf({ is_locked: true, unlock_eta: '2026-01-02T03:04:05.1234567' })).toMatchObject({
    status: 'pending',
    reasons: [{ code: 'locked-until' }],
    unlocksAt: Date.UTC(2026, 0, 2, 3, 4, 5, 123),
  });
});

test('a lock with an end does not make a doubtful file pending', () => {
  expect(verdictOf({ is_locked: true, unlock_eta: '2026-01-02T03:04:05Z', is_sanitized: null }).status).toBe(
    'held',
  );
});

test('what was uploaded is compared: name always, size unless sanitized', () => {
  expect(codes({}, { name: 'invoice.pdf', size: 1234 })).toEqual([]);
  expect(codes({ name: 'invoice-Copy(1).pdf' }, { name: 'invoice.pdf' })).toEqual(['name-differs']);
  expect(codes({ name: undefined }, { name: 'invoice.pdf' })).toEqual(['name-differs']);
  expect(codes({ size: 1235 }, { size: 1234 })).toEqual(['size-differs']);
  expect(codes({ size: null }, { size: 1234 })).toEqual(['size-differs']);
  expect(codes({ size: 1235, is_sanitized: true }, { size: 1234 })).toEqual([]);
});

test('assertCleared names the reasons', () => {
  expect(() => assertCleared(verdictOf(scan({ workflow_result: 'Blocked' })))).toThrow(
    /somebody lifted the block/,
  );
  expect(() => assertCleared(verdictOf({}))).not.toThrow();
});
