import fc from 'fast-check';
import { parseServiceDate } from './service-date';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');

/** As `java.util.Date.toString` writes it. */
function javaText(date: Date, zone: string): string {
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${DAYS[date.getUTCDay()]!} ${MONTHS[date.getUTCMonth()]!} ${two(date.getUTCDate())} ${time} ${zone} ${String(date.getUTCFullYear())}`;
}

const seconds = fc.integer({ min: Date.UTC(1980, 0) / 1000, max: Date.UTC(2099, 11) / 1000 });

describe('a date of a certificate', () => {
  it('reads the documented example', () => {
    expect(parseServiceDate('Tue May 26 00:00:00 UTC 2015')).toEqual(new Date(Date.UTC(2015, 4, 26)));
  });

  it('is the same in every form', () => {
    fc.assert(
      fc.property(
        seconds,
        fc.constantFrom('UTC', 'GMT', 'Z', 'utc', '+00:00', 'GMT+00:00'),
        (value, zone) => {
          const date = new Date(value * 1000);
          expect(parseServiceDate(javaText(date, zone))).toEqual(date);
          expect(parseServiceDate(date.toISOString())).toEqual(date);
          expect(parseServiceDate(date.getTime())).toEqual(date);
          expect(parseServiceDate(String(date.getTime()))).toEqual(date);
          expect(parseServiceDate(value)).toEqual(date);
        },
      ),
    );
  });

  it('takes the zone into account', () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: -12 * 60, max: 14 * 60 }), (value, minutes) => {
        const sign = minutes < 0 ? '-' : '+';
        const zone = `${sign}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
        const local = new Date(value * 1000 + minutes * 60_000);
        expect(parseServiceDate(javaText(local, zone))).toEqual(new Date(value * 1000));
        expect(parseServiceDate(javaText(local, `GMT${zone}`))).toEqual(new Date(value * 1000));
      }),
    );
  });

  it.each([
    'Tue May 26 00:00:00 IST 2015', // three countries have such a time
    'Tue May 26 00:00:00 PDT 2015',
    'Wed Apr 31 00:00:00 UTC 2015',
    '2015-05-26',
    '2015-05-26T00:00:00',
    'tomorrow',
    '',
    null,
    undefined,
    {},
    Number.NaN,
    8.65e15,
  ])('is none for %p: a wrong expiry is worse than no expiry', (value) => {
    expect(parseServiceDate(value)).toBeUndefined();
  });

  it('never throws, and never gives an invalid date', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const date = parseServiceDate(value);
        expect(Number.isNaN(date?.getTime())).toBe(false);
      }),
    );
  });
});
