import type { FileStatus } from '@mft-bridge/metadefender-mft-client';
import { evaluateVerdict } from '@mft-bridge/metadefender-mft-client';
import { buildStatusAnswer } from '@mft-bridge/metadefender-mft-client/testing';
import type { StatusKind } from '@mft-bridge/metadefender-mft-client/testing';
import { hostileStatus } from '@mft-bridge/sandbox';
// The client's own reader of answers: what it does not take never becomes a status.
import { fileStatus } from '../../../../packages/metadefender-mft-client/src/schemas/file-status';
import type { Fingerprint } from '../../src/domain/evidence';
import { weigh } from '../../src/domain/evidence';
import { decide, defaultPolicy } from '../../src/domain/policy';
import type { Force } from './force';
import type { Random } from './random';
import { createRandom } from './random';

const kinds: readonly StatusKind[] = [
  'blocked',
  'cleared',
  'failed',
  'locked',
  'overridden',
  'pending',
  'sanitized',
  'unapproved',
];
const ours: Fingerprint = { size: 1234, sha256: 'a'.repeat(64) };
const name = 'attachment.pdf';
const fileId = '0123456789abcdef0123456789abcdef';

/** Answers of the scanner, drawn at random from valid, odd, contradictory and hostile ones: which of them forward anything? */
export const verdicts: Force = {
  name: 'scanner-answers',
  what: "scanner's answers drawn from valid, odd, contradictory and hostile ones",
  full: 100_000,
  short: 10_000,
  run({ rounds, seed, announce }) {
    const violations: string[] = [];
    const counts = { forwarded: 0, held: 0, quarantined: 0, unreadable: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const random = createRandom(seed + round);
      const { answer, harmless } = draw(random, seed + round);
      const outcome = passThrough(answer, random);
      counts[outcome] += 1;
      if (outcome === 'forwarded' && !harmless)
        violations.push(`seed ${String(seed + round)}: forwarded by ${JSON.stringify(answer)}`);
    }
    const facts = Object.entries(counts).map(([what, count]) => `${String(count)} ${what}`);
    // Where nothing is ever forwarded, the force would prove nothing.
    if (rounds >= 1_000 && counts.forwarded === 0) violations.push('nothing was forwarded at all');
    return Promise.resolve({ rounds, facts: facts.join(', '), violations: announce(violations) });
  },
};

/** An answer, and whether whoever made it meant the file to be let through. */
function draw(random: Random, seed: number): { answer: unknown; harmless: boolean } {
  const identity = { file_id: fileId, name, size: ours.size };
  const kind = random.pick(kinds);
  switch (random.below(4)) {
    case 0:
      return {
        answer: buildStatusAnswer(kind, identity),
        harmless: kind === 'cleared' || kind === 'sanitized',
      };
    case 1:
      return { answer: hostileStatus(buildStatusAnswer('cleared', identity), seed).status, harmless: false };
    case 2:
      return { answer: contradict(buildStatusAnswer('cleared', identity), random), harmless: false };
    default: {
      // Fields of two answers, mixed: whatever comes of it, only what both allow may pass.
      const other = random.pick(kinds);
      const mixed = mix(buildStatusAnswer(kind, identity), buildStatusAnswer(other, identity), random);
      return { answer: mixed, harmless: isWhole(mixed) };
    }
  }
}

/** One condition of the release rule broken, after the reference (5.1) and not after our code. */
function contradict(answer: Record<string, unknown>, random: Random): Record<string, unknown> {
  const scan = answer['scan_result'] as Record<string, unknown>;
  return random.pick<() => Record<string, unknown>>([
    () => ({ ...answer, availability_state: random.pick(['Blocked', 'Expired', 'Composing', 'NEW', '']) }),
    () => ({ ...answer, can_be_downloaded: random.pick([false, null, 'true']) }),
    () => ({ ...answer, is_locked: random.pick([true, null, 'no']) }),
    () => ({
      ...answer,
      scan_result: { ...scan, workflow_result: random.pick(['Blocked', '', null, 'allowed']) },
    }),
    () => ({ ...answer, scan_result: { ...scan, actions_failed: 'Deep CDR' } }),
    () => ({ ...answer, scan_result: null }),
    () => ({ ...answer, is_sanitized: random.pick([null, 'false', 0]) }),
    () => ({ ...answer, is_sanitized: false, availability_state_key: 'FILE_STATE_SANITIZED' }),
    () => ({ ...answer, supervisor_approval_state: 'Pending', current_approval_count: 0 }),
    () => ({ ...answer, size: ours.size + 1 + random.below(9) }),
    () => ({ ...answer, name: random.pick(['attachment-Copy(1).pdf', 'other.pdf', '']) }),
    () => ({ ...answer, file_id: 'f'.repeat(32) }),
  ])();
}

function mix(
  one: Record<string, unknown>,
  other: Record<string, unknown>,
  random: Random,
): Record<string, unknown> {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(keys.map((key) => [key, (random.chance(0.5) ? one : other)[key]]));
}

/** The release rule of the reference, written here a second time and in another way. */
function isWhole(answer: Record<string, unknown>): boolean {
  const scan = (answer['scan_result'] ?? {}) as Record<string, unknown>;
  const key = answer['availability_state_key'];
  return (
    answer['availability_state'] === 'Available' &&
    answer['can_be_downloaded'] === true &&
    answer['is_locked'] === false &&
    scan['workflow_result'] === 'Allowed' &&
    scan['blocked_reason'] === '' &&
    scan['actions_failed'] === '' &&
    (key === undefined || key === (answer['is_sanitized'] === true ? 'FILE_STATE_SANITIZED' : key)) &&
    !(answer['is_sanitized'] === false && key === 'FILE_STATE_SANITIZED') &&
    !String(key).includes('OVERRIDDEN') &&
    answer['supervisor_approval_state'] === 'ApprovalDisabled'
  );
}

/** What the bridge does with an answer: read, judge, weigh, decide. */
function passThrough(answer: unknown, random: Random): 'forwarded' | 'held' | 'quarantined' | 'unreadable' {
  const status = readStatus(answer);
  if (status === undefined) return 'unreadable';
  const verdict = evaluateVerdict(status);
  if (verdict.status === 'pending') return 'held';
  const evidence = weigh({
    custody: ours,
    opened: { fileId, name },
    uploaded: ours,
    verdict: {
      status: verdict.status,
      sanitized: verdict.sanitized,
      fileId: verdict.fileId,
      name: verdict.name ?? null,
      size: verdict.size ?? null,
      details: [],
    },
    sanitized: verdict.sanitized ? { size: ours.size, sha256: 'b'.repeat(64) } : null,
    readBack: null,
  });
  const media = random.pick(['document', 'image'] as const);
  const [decision] = decide([{ attachmentId: 'a', media, evidence }], defaultPolicy);
  if (decision?.verdict === 'quarantine') return 'quarantined';
  return decision?.verdict === 'hold' ? 'held' : 'forwarded';
}

function readStatus(answer: unknown): FileStatus | undefined {
  try {
    return fileStatus.parse(answer);
  } catch {
    return undefined;
  }
}
