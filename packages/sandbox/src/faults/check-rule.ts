import type { FaultKind, FaultRule } from './fault';

type Check = (value: unknown) => string | undefined;

const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `a whole number from ${least} to ${most}`;
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value) ? undefined : `one of ${values.map((item) => JSON.stringify(item)).join(', ')}`;
const flag = oneOf(true, false);
const texts: Check = (value) =>
  isRecord(value) && Object.values(value).every((item) => typeof item === 'string')
    ? undefined
    : 'an object of texts';
const by: Check = (value) =>
  Number.isSafeInteger(value) && value !== 0 ? undefined : 'a whole number of bytes other than 0';
const retryAfter: Check = (value) => {
  const [name, amount] = isRecord(value) ? (Object.entries(value)[0] ?? []) : [];
  return (name === 'seconds' || name === 'dateInMs') && Number.isFinite(amount)
    ? undefined
    : '{ seconds } or { dateInMs }';
};

/** Fields by kind; those that have to be there end with `!`. */
const FIELDS: Readonly<Record<FaultKind, Readonly<Record<string, Check>>>> = {
  status: { 'status!': whole(400, 599), retryAfter, headers: texts, body: () => undefined, afterWork: flag },
  html: { status: whole(200, 599), afterWork: flag },
  reset: { 'when!': oneOf('before-body', 'mid-body', 'after-body'), afterBytes: whole(0) },
  'lost-answer': { how: oneOf('reset', 'close') },
  stall: { 'where!': oneOf('request', 'headers', 'body'), afterBytes: whole(0) },
  trickle: { 'bytes!': whole(1), 'everyMs!': whole(0, 3_600_000) },
  truncate: { afterBytes: whole(0), how: oneOf('close', 'reset') },
  'wrong-length': { 'by!': by },
  resize: { 'by!': by },
  garbage: { where: oneOf('body', 'wire') },
  'flip-byte': { at: whole(0) },
  'reject-token': { status: oneOf(401, 403), forGood: flag },
  latency: { 'ms!': whole(0, 3_600_000), jitterMs: whole(0, 3_600_000) },
};

const RULE: Readonly<Record<string, Check>> = {
  'on!': (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text'),
  'fault!': (value) => (isRecord(value) ? undefined : 'an object with a `kind`'),
  times: whole(1),
  probability: (value) =>
    typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1',
  after: whole(0),
  forMs: whole(1),
  params: texts,
};

/**
 * A rule from anywhere, also from JSON. A field that nobody reads is refused: it is a misspelt one.
 *
 * @throws RangeError that names the field and what belongs there.
 */
export function checkRule(value: unknown): FaultRule {
  if (!isRecord(value)) throw new RangeError('A fault is added as { on, fault: { kind, … } }.');
  checkFields(value, RULE, '');
  const fault = value['fault'] as Record<string, unknown>;
  const { kind, ...rest } = fault;
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind))
    throw new RangeError(`\`fault.kind\` must be one of ${Object.keys(FIELDS).join(', ')}.`);
  checkFields(rest, FIELDS[kind as FaultKind], 'fault.');
  return value as unknown as FaultRule;
}

function checkFields(
  value: Record<string, unknown>,
  fields: Readonly<Record<string, Check>>,
  where: string,
): void {
  for (const [name, given] of Object.entries(value)) {
    const check = fields[name] ?? fields[`${name}!`];
    if (check === undefined)
      throw new RangeError(
        `\`${where}${name}\` is unknown here: there are ${Object.keys(fields).join(', ').replaceAll('!', '')}.`,
      );
    const expected = given === undefined ? undefined : check(given);
    if (expected !== undefined) throw new RangeError(`\`${where}${name}\` must be ${expected}.`);
  }
  for (const name of Object.keys(fields))
    if (name.endsWith('!') && value[name.slice(0, -1)] === undefined)
      throw new RangeError(`\`${where}${name.slice(0, -1)}\` is missing.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
