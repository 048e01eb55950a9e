const plain = (id: string): string => id.replaceAll('-', '').toLowerCase();

/** This API writes one id with and without dashes. */
export const sameId = (one: string, other: string): boolean => plain(one) === plain(other);
