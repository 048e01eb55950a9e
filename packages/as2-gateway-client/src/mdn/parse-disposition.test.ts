import fc from 'fast-check';
import { isGoodDisposition, parseDisposition } from './parse-disposition';

const auto = 'automatic-action/MDN-sent-automatically';

describe('parseDisposition', () => {
  it.each([
    [`${auto}; processed`, 'processed'],
    [`${auto};processed`, 'processed'],
    [`AUTOMATIC-ACTION/mdn-sent-AUTOMATICALLY ;  Processed`, 'processed'],
    [`Disposition: ${auto}; processed`, 'processed'],
    [`${auto};\r\n processed`, 'processed'],
    ['processed', 'processed'],
    [`${auto}; processed/warning: authentication-failed, processing continued`, 'processed-with-warning'],
    [`${auto}; processed/Warning:`, 'processed-with-warning'],
    [`${auto}; processed/error: decryption-failed`, 'processed-with-error'],
    [`${auto}; processed/Error`, 'processed-with-error'],
    [`${auto}; processed/error unsupported format`, 'processed-with-error'],
    [`${auto}; processed/warning: first, error: second`, 'processed-with-error'],
    [`${auto}; processed/failure: x`, 'failed'],
    [`${auto}; failed/Failure: unsupported format`, 'failed'],
    [`${auto}; failed`, 'failed'],
    [`${auto}; displayed`, 'unknown'],
    [`${auto}; processed/something-new`, 'unknown'],
    [`${auto}; processed/`, 'unknown'],
    [`${auto}; processedly`, 'unknown'],
    ['', 'unknown'],
  ])('%p is %s', (text, outcome) => {
    expect(parseDisposition(text).outcome).toBe(outcome);
  });

  it('takes the field apart', () => {
    expect(parseDisposition(`${auto}; processed/error: decryption-failed`)).toEqual({
      text: `${auto}; processed/error: decryption-failed`,
      actionMode: 'automatic-action',
      sendingMode: 'mdn-sent-automatically',
      type: 'processed',
      modifiers: [{ kind: 'error', text: 'decryption-failed' }],
      outcome: 'processed-with-error',
    });
  });

  it('keeps a comma inside a description', () => {
    const { modifiers } = parseDisposition(
      `${auto}; processed/warning: authentication-failed, processing continued`,
    );
    expect(modifiers).toEqual([{ kind: 'warning', text: 'authentication-failed, processing continued' }]);
  });

  it('never finds good what mentions an error or failure as a modifier', () => {
    const words = fc.string({ unit: 'grapheme-ascii' }).map((text) => text.replace(/[;/]/g, ' '));
    fc.assert(
      fc.property(
        fc.constantFrom('error', 'Error', 'FAILURE', 'failure'),
        words,
        words,
        (kind, before, after) => {
          const warning = before === '' ? '' : `warning: ${before.replaceAll(',', ' ')},`;
          const disposition = parseDisposition(`${auto}; processed/${warning}${kind}: ${after}`);
          expect(isGoodDisposition(disposition)).toBe(false);
        },
      ),
    );
  });

  it('throws at nothing, and finds good only what begins with processed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const disposition = parseDisposition(text);
        expect(isGoodDisposition(disposition) && disposition.type !== 'processed').toBe(false);
      }),
    );
  });
});
