import { createHash } from 'node:crypto';
import { isNotFoundError, serverDate } from '@mft-bridge/metadefender-mft-client';
import type { Probe } from '../../probe/probe';
import { differs, holds, Untested, untested } from '../../probe/probe';
import type { MdLab, Scanned } from './lab';

const DOCUMENTED_STATES: ReadonlySet<string> = new Set([
  'Composing',
  'QueuedForProcessing',
  'BeingProcessed',
  'Available',
  'Expired',
  'Deleted',
  'Blocked',
  'BlockedNoSanitization',
  'ProcessingFailed',
]);
/** More than clocks differ by, less than any time zone does. */
const CLOCK_TOLERANCE_MS = 12 * 60_000;
const DELETION_LOOKS = 10;
const DELETION_PAUSE_MS = 1_000;

// Put together here: as one piece it would make virus scanners take this file away.
const eicar = (): Buffer =>
  Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD', '-ANTIVIRUS-TEST-', 'FILE!$H+H*'].join(''));

const reasonsOf = ({ verdict }: Scanned): string =>
  verdict === undefined ? 'gone' : [verdict.status, ...verdict.reasons.map(({ code }) => code)].join(', ');

/** What the scanner says about files. */
export const verdictProbes: readonly Probe<MdLab>[] = [
  {
    number: 11,
    question: 'which states of a file appear',
    late: true,
    run({ states }) {
      if (states.size === 0) return untested('No file was scanned.');
      const unknown = [...states].filter((state) => !DOCUMENTED_STATES.has(state));
      return unknown.length === 0
        ? holds([...states].join(', '))
        : differs(`Not documented: ${unknown.join(', ')}. Files in such a state are held.`);
    },
  },
  {
    number: 13,
    question: 'zone of dates',
    async run(lab) {
      const { status } = await lab.harmless();
      const text = status?.firstUploadTime;
      const at = serverDate(text);
      if (text === undefined || at === undefined)
        return text === undefined
          ? untested('The status has no time of upload.')
          : differs('A date cannot be read.');
      const zone = /(Z|[+-]\d\d:?\d\d)$/i.test(text)
        ? 'written with a zone'
        : 'written without a zone, and UTC';
      const off = at - lab.run.now();
      return Math.abs(off) <= CLOCK_TOLERANCE_MS
        ? holds(`The time of upload is ${zone}.`)
        : differs(
            `The time of upload is off by ${String(Math.round(off / 60_000))} minutes if it is taken for UTC.`,
          );
    },
  },
  {
    number: 15,
    question: 'does a download give the sanitized bytes where is_sanitized is true',
    async run(lab) {
      const content = Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg"><script>/* ${lab.tag} */</script><circle r="4"/></svg>\n`,
      );
      const { verdict, fileId } = await lab.scan(`${lab.tag}.svg`, content);
      if (verdict?.sanitized !== true)
        return untested('This workflow did not sanitize an SVG with a script in it.');
      const download = await lab.client().files.download(fileId, { signal: lab.run.signal });
      const hash = createHash('sha256');
      for await (const piece of download.body as AsyncIterable<Buffer>) hash.update(piece);
      const same = hash.digest('hex') === createHash('sha256').update(content).digest('hex');
      return same
        ? differs('No: the very bytes that were uploaded come back although is_sanitized is true.')
        : holds('Yes: other bytes than the uploaded ones come back.');
    },
  },
  {
    number: 16,
    question: 'what the status of a deleted file is answered',
    async run(lab) {
      const { fileId } = await lab.scan(`${lab.tag}-deleted.txt`, Buffer.from(`${lab.tag} to be deleted\n`));
      const { files } = lab.client();
      await files.delete(fileId, { signal: lab.run.signal });
      for (let look = 0; look < DELETION_LOOKS; look += 1) {
        try {
          const { availabilityState } = await files.status(fileId, { signal: lab.run.signal });
          if (availabilityState === 'Deleted') return holds('State Deleted.');
          if (availabilityState !== 'Available') return differs(`State ${availabilityState}.`);
        } catch (error) {
          if (!isNotFoundError(error)) throw error;
          return holds(`HTTP 404${error.code === undefined ? '' : ` (${error.code})`}.`);
        }
        await lab.run.sleep(DELETION_PAUSE_MS, lab.run.signal);
      }
      return untested(`It still stood there ${String(DELETION_LOOKS)} s after it was deleted.`);
    },
  },
  {
    number: 22,
    question: 'is a harmless file cleared, and EICAR blocked',
    async run(lab) {
      const harmless = await lab.harmless();
      if (harmless.verdict?.status !== 'cleared')
        return differs(`A harmless text is not cleared: ${reasonsOf(harmless)}.`);
      if (!lab.eicar) return untested('A harmless text is cleared. EICAR was not sent (--no-eicar).');
      const found = await lab.scan(`${lab.tag}-eicar.txt`, eicar()).catch((error: unknown) => {
        if (error instanceof Untested) throw error;
        throw new Untested(
          `A harmless text is cleared. EICAR could not be uploaded: ${error instanceof Error ? error.message : ''}`,
        );
      });
      if (found.verdict === undefined)
        return holds('A harmless text is cleared; EICAR is gone after its upload (blocked and deleted).');
      if (found.verdict.status === 'blocked') return holds('A harmless text is cleared, EICAR is blocked.');
      return differs(
        found.verdict.status === 'cleared'
          ? 'EICAR IS CLEARED: this key may skip scanning, or the workflow behind it does not scan. Verdicts are worth nothing here.'
          : `EICAR is not blocked but ${reasonsOf(found)}.`,
      );
    },
  },
];
