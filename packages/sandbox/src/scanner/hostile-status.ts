import { createSeededRandom } from '../faults/seeded-random';

/** A status that nobody may release a file for, and why. */
export interface HostileStatus {
  /** To be sent as JSON; not always an object. */
  readonly status: unknown;
  /** What is wrong with it, one entry a flaw; never empty. Each of them alone forbids the release. */
  readonly flaws: readonly string[];
}

type Fields = Record<string, unknown>;
interface Flaw {
  readonly name: string;
  /** Changes a good status, or returns what is sent in its place. */
  spoil(status: Fields, pick: <T>(from: readonly T[]) => T): unknown;
}

const set =
  (field: string, values: readonly unknown[]): Flaw['spoil'] =>
  (status, pick) => {
    status[field] = pick(values);
  };
const scan =
  (field: string, values: readonly unknown[]): Flaw['spoil'] =>
  (status, pick) => {
    status['scan_result'] = { ...(status['scan_result'] as object), [field]: pick(values) };
  };
const drop =
  (...fields: readonly string[]): Flaw['spoil'] =>
  (status, pick) => {
    Reflect.deleteProperty(status, pick(fields));
  };

/**
 * The rule that they break is in the reference (5.1): Available, may be downloaded, not locked, approved where
 * approval is on, `workflow_result` Allowed; "anything else, unknown or missing => not released".
 */
const FLAWS: readonly Flaw[] = [
  {
    name: 'another state',
    spoil: set('availability_state', [
      'Blocked',
      'available',
      'Available ',
      'Archived',
      '',
      null,
      3,
      ['Available'],
    ]),
  },
  { name: 'no permission to download', spoil: set('can_be_downloaded', [false, null, 'true', 1, {}]) },
  { name: 'a lock without an end', spoil: set('is_locked', [true, 'true', 'false', 1, null]) },
  {
    name: 'no result, or another one',
    spoil: scan('workflow_result', [
      '',
      null,
      'Blocked',
      'allowed',
      'Allowed ',
      'Processing',
      true,
      ['Allowed'],
    ]),
  },
  { name: 'no scan at all', spoil: set('scan_result', [null, '', [], 'Allowed', {}]) },
  { name: 'allowed, and why it was blocked', spoil: scan('blocked_reason', ['Infected', 'Suspicious']) },
  {
    name: 'an action that failed',
    spoil: scan('actions_failed', ['Sanitization Failed', 'Sanitized Partially']),
  },
  {
    name: 'approval is missing',
    spoil: set('supervisor_approval_state', ['Pending', 'Denied', 'Revoked', '', null, true]),
  },
  {
    name: 'approved by too few',
    spoil: (status, pick) => {
      status['supervisor_approval_state'] = 'Approved';
      status['current_approval_count'] = pick([0, 1, null, '1', -1]);
      status['required_approval_count'] = 2;
    },
  },
  {
    name: 'a field is missing',
    spoil: drop(
      'availability_state',
      'can_be_downloaded',
      'is_locked',
      'scan_result',
      'supervisor_approval_state',
    ),
  },
  {
    name: 'an overruled block',
    spoil: (status) => {
      status['availability_state_key'] = 'FILE_STATE_AVAILABLE_OVERRIDDEN';
      status['scan_result'] = { actions_failed: '', blocked_reason: 'Infected', workflow_result: 'Blocked' };
    },
  },
  { name: 'no status', spoil: (_status, pick) => pick([null, [], 'Available', 42, true, {}, [{}]]) },
];

/**
 * Draws a contradictory, incomplete or malformed status: the same one for the same seed. One to three flaws are laid
 * over a status that would otherwise be released.
 *
 * @param base - Whatever is known of the file; what a release needs is set right before it is spoiled.
 * @example
 * const { status, flaws } = hostileStatus({ file_id: id, name: 'a.pdf', size: 3 }, 42);
 * expect(evaluate(status).status).not.toBe('cleared'); // flaws tells why
 */
export function hostileStatus(base: Readonly<Record<string, unknown>>, seed: string | number): HostileStatus {
  const random = createSeededRandom(seed, 'hostile status');
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T;
  const status: Fields = {
    ...base,
    availability_state: 'Available',
    availability_state_key: 'FILE_STATE_AVAILABLE',
    administrator_approval_state: 'ApprovalDisabled',
    supervisor_approval_state: 'ApprovalDisabled',
    can_be_downloaded: true,
    is_locked: false,
    unlock_eta: null,
    is_sanitized: false,
    scan_result: { actions_failed: '', blocked_reason: '', workflow_result: 'Allowed' },
  };
  const flaws = new Set<string>();
  for (let wanted = 1 + Math.floor(random.next() * 3); wanted > 0; wanted -= 1) {
    const flaw = pick(FLAWS);
    // Two flaws in one field could undo each other (a state that is wrong, and the field missing, cannot).
    if (flaws.has(flaw.name)) continue;
    flaws.add(flaw.name);
    const instead = flaw.spoil(status, pick);
    if (instead !== undefined) return { status: instead, flaws: [...flaws] };
  }
  return { status, flaws: [...flaws] };
}
