import { LedgerUnavailableError } from './ledger-unavailable-error';
import { isStorageFault, isUniqueViolation, toLedgerFault } from './sqlite-fault';

const fault = (code: string): Error => Object.assign(new Error('low-level words'), { code });

test.each([
  ['SQLITE_FULL', /disk that holds the ledger \/l\.db is full; nothing was written\. Free some space/],
  ['SQLITE_IOERR_FSYNC', /could not be read or written.*Check the disk/],
  ['SQLITE_CORRUPT_INDEX', /damaged.*last backup/],
  ['SQLITE_NOTADB', /damaged.*last backup/],
  ['SQLITE_READONLY_DBMOVED', /cannot be written\. Let the bridge's user/],
  ['SQLITE_CANTOPEN', /cannot be opened\. Check that its directory/],
  ['SQLITE_BUSY_SNAPSHOT', /holds the ledger \/l\.db locked\. End it/],
  ['SQLITE_PROTOCOL', /local disk, not on a network share/],
  ['SQLITE_NOMEM', /no memory/],
])('%s says what to do and keeps its code', (code, sentence) => {
  const cause = fault(code);
  const mapped = toLedgerFault(cause, '/l.db');
  expect(mapped).toBeInstanceOf(LedgerUnavailableError);
  expect(mapped).toMatchObject({ code, cause, message: expect.stringMatching(sentence) });
  expect(isStorageFault(cause)).toBe(true);
});

test('what is no fault of the storage stays what it is', () => {
  for (const error of [fault('SQLITE_CONSTRAINT_UNIQUE'), fault('ENOENT'), new TypeError('t')]) {
    expect(toLedgerFault(error, '/l.db')).toBe(error);
    expect(isStorageFault(error)).toBe(false);
  }
  expect(toLedgerFault('thrown text', '/l.db')).toMatchObject({ cause: 'thrown text' });
});

test('only a taken key is a unique violation', () => {
  expect(
    ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].map(fault).every(isUniqueViolation),
  ).toBe(true);
  expect(isUniqueViolation(fault('SQLITE_CONSTRAINT_FOREIGNKEY'))).toBe(false);
});
