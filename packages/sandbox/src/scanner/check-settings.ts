import {
  checkedFields,
  isCount,
  isObject,
  isOneOf,
  isTrueOrFalse,
  orNull,
  type FieldCheck,
} from './checked-fields';
import type { SettingsChange } from './settings';
import { UNDOCUMENTED_CHECKS } from './undocumented';

const SETTINGS: Readonly<Record<keyof SettingsChange, FieldCheck>> = {
  replies: isOneOf('vault', 'pascal'),
  statusFields: isOneOf('2021', '2018'),
  loginSeparator: isOneOf('crlf', 'colon'),
  sso: isOneOf('off', 'enforced'),
  directory: isOneOf('reachable', 'unreachable'),
  lockout: orNull(isObject),
  uploadWithoutGroup: isTrueOrFalse,
  listAll: isOneOf('accessible', 'administrators'),
  approvals: orNull(isObject),
  lockMs: isCount,
  deleteBlockedAfterMs: orNull(isCount),
  systemExpirationMs: orNull(isCount),
  capacity: isObject,
  proxy: isObject,
  undocumented: isObject,
};
const isOneOrMore: FieldCheck = {
  says: 'a whole number, 1 or more',
  ok: (value) => isCount.ok(value) && value !== 0,
};
const LOCKOUT = { attempts: isOneOrMore, lockMs: isCount, resetMs: isCount };
const SKIP: FieldCheck = {
  says: '"never", "when-sanitized" or { afterMs }',
  ok: (value) => value === 'never' || value === 'when-sanitized' || isObject.ok(value),
};
const LIMIT = orNull(isCount);

/**
 * Checks what types cannot: settings come from JSON and from plain JavaScript too.
 *
 * @throws RangeError that names the field and what belongs there.
 */
export function checkSettings(change: SettingsChange): void {
  checkedFields(change, 'settings', SETTINGS);
  const { lockout, approvals, capacity, proxy, undocumented } = change;
  if (undocumented !== undefined) checkedFields(undocumented, 'undocumented', UNDOCUMENTED_CHECKS);
  if (isObject.ok(lockout)) checkedFields(lockout, 'lockout', LOCKOUT, ['attempts', 'lockMs']);
  if (isObject.ok(approvals)) {
    const rule = checkedFields(approvals, 'approvals', { required: isOneOrMore, skip: SKIP }, ['required']);
    if (isObject.ok(rule['skip']))
      checkedFields(rule['skip'], 'approvals.skip', { afterMs: isCount }, ['afterMs']);
  }
  if (capacity !== undefined)
    checkedFields(capacity, 'capacity', {
      scans: orNull(isOneOrMore),
      queue: LIMIT,
      fileBytes: LIMIT,
      storageBytes: LIMIT,
    });
  if (proxy !== undefined)
    checkedFields(proxy, 'proxy', {
      underscoreHeaders: isOneOf('kept', 'dropped'),
      bodyBytes: LIMIT,
      down: isOneOf(null, 502, 503, 504),
    });
}
