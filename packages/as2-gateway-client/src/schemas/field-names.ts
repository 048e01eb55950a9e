/**
 * Each field under all names that an answer may give it, newest first. The service renamed its fields in
 * version 3.1.1; the old names were to vanish in May 2024, but which an installation sends is not known.
 */
export const fieldNames = {
  accessToken: ['apiToken', 'api_token'],
  refreshToken: ['refreshToken', 'refresh_token'],
  messageId: ['identifier', 'as2MessageId', 'messageIdentifier', 'as2messageId'],
  submittedId: ['messageIdentifier', 'as2messageId', 'as2MessageId', 'identifier'],
  sender: ['senderIdentifier', 'senderAS2Id'],
  receiver: ['receiverIdentifier', 'receiverAS2Id'],
  party: ['identifier', 'as2Identifier'],
  subjectCommonName: ['subjectCommonName', 'subject_common_name'],
  subjectDistinguishedName: [
    'subjectDistinguishName',
    'subject_distinguish_name',
    'subjectDistinguishedName',
    'subject_distinguished_name',
  ],
  issuerCommonName: ['issuerCommonName', 'issuer_common_name'],
  issuerDistinguishedName: [
    'issuerDistinguishName',
    'issuer_distinguish_name',
    'issuerDistinguishedName',
    'issuer_distinguished_name',
  ],
  serialNumber: ['serialNumber', 'serial_number'],
  validFrom: ['validFrom', 'valid_from'],
  webhookStation: ['stationIdentifier', 'stationAS2ID'],
  webhookPartner: ['partnerIdentifier', 'partnerAS2ID'],
  webhookMessage: ['messageIdentifier', 'messageAS2ID', 'identifier', 'as2MessageId'],
} as const;

/**
 * The value of the first of these names that the record has, compared without case (three spellings of one key
 * are known that differ in nothing else). A null counts as absent.
 */
export function pickField(record: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  for (const name of names) {
    if (Object.hasOwn(record, name) && record[name] != null) return record[name];
  }
  const keys = new Map(Object.keys(record).map((key) => [key.toLowerCase(), key]));
  for (const name of names) {
    const key = keys.get(name.toLowerCase());
    if (key !== undefined && record[key] != null) return record[key];
  }
  return undefined;
}
