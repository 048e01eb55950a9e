import { serverDate } from './server-date';

test.each([
  ['2021-05-20T10:00:00.1234567Z', Date.UTC(2021, 4, 20, 10, 0, 0, 123)],
  ['2021-05-20T10:00:00.1234567', Date.UTC(2021, 4, 20, 10, 0, 0, 123)],
  ['2021-05-20T10:00:00', Date.UTC(2021, 4, 20, 10)],
  ['2021-05-20T10:00:00+02:00', Date.UTC(2021, 4, 20, 8)],
  ['2021-05-20T10:00:00.0000000+02:00Z', Date.UTC(2021, 4, 20, 8)],
  ['2021-05-20 10:00:00', Date.UTC(2021, 4, 20, 10)],
  ['2021-05-20', Date.UTC(2021, 4, 20)],
  ['05-20-2021', Date.UTC(2021, 4, 20)],
])('%s is read, as UTC where it names no zone', (text, at) => expect(serverDate(text)).toBe(at));

test.each([undefined, null, '', 'soon', '2021-13-40T10:00:00', '20.05.2021', '13-40-2021', '0'])(
  '%s is no date',
  (text) => expect(serverDate(text)).toBeUndefined(),
);
