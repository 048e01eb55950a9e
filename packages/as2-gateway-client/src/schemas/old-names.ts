/** A field that an answer has under its old name only. */
export interface OldName {
  readonly old: string;
  /** The names of which one replaces it. */
  readonly replacedBy: readonly string[];
}

/**
 * The vendor's rename table of version 3.1.1, for what answers contain. The old names were to vanish on 1 May 2024;
 * `expiry` of certificates and the fields inside of `mdnMessage` are not in it.
 */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  api_token: ['apiToken'],
  refresh_token: ['refreshToken'],
  as2messageId: ['messageIdentifier', 'identifier'],
  as2MessageId: ['messageIdentifier', 'identifier'],
  senderAS2Id: ['senderIdentifier'],
  receiverAS2Id: ['receiverIdentifier'],
  as2Identifier: ['identifier'],
  serialNumber: ['serialNumberHex', 'serialNumberDecimal'],
  serial_number: ['serialNumberHex', 'serialNumberDecimal'],
  subject_common_name: ['subjectCommonName'],
  subject_distinguish_name: ['subjectDistinguishName'],
  issuer_common_name: ['issuerCommonName'],
  issuer_distinguish_name: ['issuerDistinguishName'],
  valid_from: ['validFrom', 'validFromTimestamp'],
};

/** Where an answer keeps its records, if it is not one itself. */
const LISTS = ['messages', 'stations', 'partners', 'certificates'];

/**
 * The old names that had to be read because their new ones are not there. An answer with both, as in the years of the
 * change, will go on to be understood, and is no reason to warn anybody.
 */
export function oldNamesIn(answer: unknown): readonly OldName[] {
  const found = new Map<string, OldName>();
  for (const record of recordsOf(answer)) {
    for (const old of Object.keys(record)) {
      const replacedBy = Object.hasOwn(RENAMED, old) ? RENAMED[old] : undefined;
      if (!replacedBy || record[old] == null || replacedBy.some((name) => record[name] != null)) continue;
      found.set(old, { old, replacedBy });
    }
  }
  return [...found.values()];
}

function recordsOf(answer: unknown): readonly Record<string, unknown>[] {
  if (Array.isArray(answer)) return answer.filter(isRecord);
  if (!isRecord(answer)) return [];
  const lists = LISTS.flatMap((name) => (Array.isArray(answer[name]) ? (answer[name] as unknown[]) : []));
  return [answer, ...lists.filter(isRecord)];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
