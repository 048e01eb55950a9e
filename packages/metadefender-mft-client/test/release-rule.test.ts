import fc from 'fast-check';
import { evaluateVerdict } from '../src/verdict/evaluate-verdict';
import { fileStatus } from '../src/schemas/file-status';
import type { FileStatus } from '../src/schemas/file-status';
import { sample2018, sample2021 } from './status-samples';

/**
 * The release rule once more, written from the vendor's documentation and not from the code: it looks at the answer as it came. `at` reads
 * a field under any casing, as the client does: exact first, else the only other spelling.
 */
function mayBeCleared(wire: Record<string, unknown>): boolean {
  const at = (from: unknown, name: string): unknown => {
    if (typeof from !== 'object' || from === null) return undefined;
    const entries = Object.entries(from);
    const exact = entries.find(([key]) => key === name);
    if (exact !== undefined) return exact[1];
    const others = entries.filter(
      ([key]) => key.replaceAll('_', '').toLowerCase() === name.replaceAll('_', ''),
    );
    return others.every(([, value]) => value === others[0]?.[1]) ? others[0]?.[1] : undefined;
  };
  const scan = at(wire, 'scan_result');
  const approvals = [at(wire, 'supervisor_approval_state'), at(wire, 'administrator_approval_state')];
  const counts = [at(wire, 'current_approval_count'), at(wire, 'required_approval_count')].map(Number);
  const approvalsMet =
    approvals.every((state) => state === 'ApprovalDisabled') ||
    (approvals.every((state) => state === 'ApprovalDisabled' || state === 'Approved') &&
      counts[0]! >= counts[1]!);
  const sanitized = at(wire, 'is_sanitized');
  const key = at(wire, 'availability_state_key');
  return (
    at(wire, 'availability_state') === 'Available' &&
    at(wire, 'can_be_downloaded') === true &&
    at(wire, 'is_locked') === false &&
    approvalsMet &&
    at(scan, 'workflow_result') === 'Allowed' &&
    [null, ''].includes(flat(at(scan, 'actions_failed'))) &&
    [undefined, null, ''].includes(flat(at(scan, 'blocked_reason'))) &&
    (sanitized === true ||
      (sanitized === false && key !== 'FILE_STATE_SANITIZED' && approvals[1] !== 'Approved')) &&
    [undefined, null, '', 'FILE_STATE_AVAILABLE', 'FILE_STATE_SANITIZED'].includes(flat(key)) &&
    [undefined, null, false, 0, ''].includes(at(wire, 'is_false_positive') as null) &&
    [undefined, null, false, 0, ''].includes(at(wire, 'is_overridden') as null)
  );
}

/** No failed actions may come as an empty list too. */
const flat = (value: unknown) => (Array.isArray(value) && value.length === 0 ? '' : value) as null;

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    true,
    false,
    null,
    '',
    0,
    1,
    'true',
    'false',
    'Available',
    'Allowed',
    'Blocked',
    'ApprovalDisabled',
    'Approved',
    'Pending',
    'FILE_STATE_SANITIZED',
    'FILE_STATE_AVAILABLE',
    'FILE_STATE_OVERRIDDEN',
    'Sanitization Failed',
    [],
    {},
    ['x'],
    undefined,
  ),
  fc.anything(),
);
const topField = fc.oneof(
  fc.constantFrom(
    ...Object.keys(sample2021()),
    ...Object.keys(sample2018()),
    'is_overridden',
    'availability_state_key',
  ),
  fc.string(),
);
const scanField = fc.constantFrom('workflow_result', 'blocked_reason', 'actions_failed', 'overridden_by');
const casing = fc.constantFrom<(name: string) => string>(
  (name) => name,
  (name) => name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase()),
  (name) => name.toUpperCase(),
);

type Mutation = (wire: Record<string, unknown>) => void;
const scanOf = (wire: Record<string, unknown>) =>
  (typeof wire['scan_result'] === 'object' && wire['scan_result'] !== null
    ? wire['scan_result']
    : {}) as Record<string, unknown>;
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(topField, odd).map(
    ([field, value]) =>
      (wire: Record<string, unknown>) =>
        void (wire[field] = value),
  ),
  topField.map((field) => (wire: Record<string, unknown>) => void Reflect.deleteProperty(wire, field)),
  fc.tuple(scanField, odd).map(([field, value]) => (wire: Record<string, unknown>) => {
    wire['scan_result'] = { ...scanOf(wire), [field]: value };
  }),
  fc.tuple(topField, casing, odd).map(([field, cased, value]) => (wire: Record<string, unknown>) => {
    Reflect.deleteProperty(wire, field);
    wire[cased(field)] = value;
  }),
  fc.tuple(topField, casing).map(([field, cased]) => (wire: Record<string, unknown>) => {
    const value = wire[field];
    Reflect.deleteProperty(wire, field);
    wire[cased(field)] = value;
  }),
);
const wire = fc
  .tuple(fc.constantFrom(sample2021, sample2018), fc.array(mutation, { maxLength: 6 }))
  .map(([sample, mutations]) => {
    const made = sample();
    for (const mutate of mutations) mutate(made);
    return made;
  });

test('no answer, however mutated, is cleared unless every condition holds', () => {
  let cleared = 0;
  fc.assert(
    fc.property(wire, (answer) => {
      let status: FileStatus;
      try {
        status = fileStatus.parse(answer);
      } catch {
        return; // an answer that cannot be read is an error, not a verdict
      }
      const verdict = evaluateVerdict(status);
      if (verdict.status === 'cleared') {
        cleared += 1;
        expect(mayBeCleared(answer)).toBe(true);
      }
      expect(verdict.reasons.length === 0).toBe(verdict.status === 'cleared');
    }),
    { numRuns: 5000 },
  );
  // Else the property would hold for a rule that clears nothing.
  expect(cleared).toBeGreaterThan(50);
});

test('no status object that a program puts together is cleared with one decisive part replaced', () => {
  const good = fileStatus.parse(sample2021());
  const decisive: Record<string, (value: unknown) => boolean> = {
    fileId: (value) => typeof value === 'string' && value !== '',
    availabilityState: (value) => value === 'Available',
    canBeDownloaded: (value) => value === true,
    isLocked: (value) => value === false,
    isSanitized: (value) => value === true || value === false,
    supervisorApprovalState: (value) => value === 'ApprovalDisabled',
    administratorApprovalState: (value) => value === 'ApprovalDisabled',
    scanResult: (value) =>
      typeof value === 'object' &&
      value !== null &&
      (value as { workflowResult?: unknown }).workflowResult === 'Allowed',
  };
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(decisive)), odd, (field, value) => {
      const verdict = evaluateVerdict({ ...good, [field]: value });
      if (!decisive[field]!(value)) expect(verdict.status).not.toBe('cleared');
    }),
    { numRuns: 3000 },
  );
  expect(evaluateVerdict(good).status).toBe('cleared');
});

/** The same rule for an object that a program puts together, whose fields need not be what their types say. */
function mayObjectBeCleared(status: Record<string, unknown>): boolean {
  const scan = (status['scanResult'] ?? {}) as Record<string, unknown>;
  const states = [status['supervisorApprovalState'], status['administratorApprovalState']];
  const counts = [status['currentApprovalCount'], status['requiredApprovalCount']];
  const none = (value: unknown): boolean => value === null || value === '' || value === undefined;
  return (
    typeof status['fileId'] === 'string' &&
    status['fileId'] !== '' &&
    status['availabilityState'] === 'Available' &&
    status['canBeDownloaded'] === true &&
    status['isLocked'] === false &&
    (states.every((one) => one === 'ApprovalDisabled') ||
      (states.every((one) => one === 'ApprovalDisabled' || one === 'Approved') &&
        counts.every((one) => Number.isSafeInteger(one)) &&
        (counts[0] as number) >= (counts[1] as number))) &&
    scan['workflowResult'] === 'Allowed' &&
    none(scan['blockedReason']) &&
    (scan['actionsFailed'] === null || scan['actionsFailed'] === '') &&
    [true, false].includes(status['isSanitized'] as boolean) &&
    (none(status['availabilityStateKey']) ||
      status['availabilityStateKey'] === 'FILE_STATE_AVAILABLE' ||
      (status['availabilityStateKey'] === 'FILE_STATE_SANITIZED' && status['isSanitized'] === true)) &&
    !(status['isSanitized'] === false && states[1] === 'Approved') &&
    (status['isFalsePositive'] === undefined ||
      status['isFalsePositive'] === null ||
      status['isFalsePositive'] === false ||
      status['isFalsePositive'] === 0 ||
      status['isFalsePositive'] === '' ||
      Number.isNaN(status['isFalsePositive']) ||
      status['isFalsePositive'] === 0n)
  );
}

test('no status object, with any of its parts replaced at the same time, is cleared unless every condition holds', () => {
  const good = fileStatus.parse(sample2021()) as unknown as Record<string, unknown>;
  const part = fc.constantFrom(
    ...['fileId', 'availabilityState', 'availabilityStateKey', 'canBeDownloaded', 'isLocked', 'unlockEta'],
    ...['isSanitized', 'isFalsePositive', 'processingState', 'scanResult', 'size', 'name', 'raw'],
    ...['supervisorApprovalState', 'administratorApprovalState'],
    ...['currentApprovalCount', 'requiredApprovalCount'],
  );
  const scan = fc.record({ workflowResult: odd, blockedReason: odd, actionsFailed: odd });
  let cleared = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(part, odd), { maxLength: 4 }),
      fc.option(scan, { freq: 4 }),
      (parts, scanResult) => {
        const status: Record<string, unknown> = { ...good, ...Object.fromEntries(parts) };
        if (scanResult !== null) status['scanResult'] = scanResult;
        const verdict = evaluateVerdict(status as unknown as FileStatus);
        if (verdict.status !== 'cleared') return;
        cleared += 1;
        expect(mayObjectBeCleared(status)).toBe(true);
      },
    ),
    { numRuns: 20_000 },
  );
  expect(cleared).toBeGreaterThan(50);
});

test.each([
  ...['Scanning', 'InQueue', 'Queued', 'Waiting', 'Processing', 'InProgress', 'NotProcessed', 'Unprocessed'],
  ...['Skipped', 'TimedOut', 'Failed', 'Error', 'Blocked', 'Quarantined', 'Cancelled', 'Incomplete'],
])('processing state %j contradicts "available"', (state) => {
  const verdict = evaluateVerdict(fileStatus.parse({ ...sample2021(), processing_state: state }));
  expect(verdict).toMatchObject({ status: 'held', reasons: [{ code: 'processing-contradicts' }] });
});

test('evaluating never throws, whatever it is given', () => {
  fc.assert(
    fc.property(
      fc.record({
        fileId: odd,
        availabilityState: odd,
        scanResult: odd,
        raw: odd,
        processingState: odd,
        unlockEta: odd,
        isLocked: odd,
      }),
      (status) => {
        expect(['held', 'blocked', 'pending']).toContain(
          evaluateVerdict(status as unknown as FileStatus).status,
        );
      },
    ),
  );
});
