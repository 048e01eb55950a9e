import type { FileStatus, Verdict } from '@mft-bridge/metadefender-mft-client';
import { evaluateVerdict, sameVerdict } from '@mft-bridge/metadefender-mft-client';
import { isApiError, isNotFoundError } from '@mft-bridge/http-transport';
import type { ScannerVerdict } from '../domain/evidence';
import { weigh } from '../domain/evidence';
import type { Attachment, Message } from '../domain/message';
import type { Reason } from '../domain/reason';
import { reason } from '../domain/reason';
import type { DueWork } from '../ledger/ledger';
import { publishStep } from '../telemetry/steps';
import { waitByAge } from './backoff';
import type { PipelineContext } from './context';
import { record } from './record';
import { downloadSanitized, hashAtScanner } from './scan-download';
import { uploadAttachment } from './scan-upload';
import type { StageHandler, StageResult } from './stage';

/**
 * Scans one attachment: uploads it whole under a name that only it has, then asks for the verdict until it is final,
 * then weighs it. Every part is safe to do again after a crash; the attachment's record says how far it came.
 */
export function createScanStage(context: PipelineContext): StageHandler {
  const { ledger, scanner, settings, now, random } = context;

  async function run(work: DueWork, signal: AbortSignal): Promise<StageResult> {
    const { message, attachment } = await load(work);
    if (!isStillOwed(message, attachment)) {
      await ledger.due.finish(work);
      return { type: 'done' };
    }
    // What a scanner says that does not do its work would be believed later.
    const refusal = context.scannerRefusal();
    if (refusal !== null) {
      return {
        type: 'later',
        delayMs: Math.max(settings.scan.firstPollMs, 1_000),
        why: refusal,
        failed: false,
        unasked: true,
      };
    }
    const found = attachment.scan.fileId === null ? null : await lookUp(attachment.scan.fileId, signal);
    if (attachment.scan.uploaded === null && found === null) {
      await uploadAttachment(context, message, attachment, { firstTry: work.epoch === 1, signal });
    } else if (attachment.scan.uploaded === null) {
      // The answer to the last call was lost. The file is visible, so the transfer was completed; and it was closed
      // only after hash and size of what left custody agreed.
      await noteUploaded(message, attachment);
    }
    const owned = (await load(work)).attachment;
    const status = found ?? (await lookUp(owned.scan.fileId ?? '', signal));
    publishStep({ stage: 'scan', point: 'status', subject: attachment.id });
    if (status === null) {
      return conclude(work, owned, { status: 'held', extra: reason('scanner-gone') });
    }
    const verdict = evaluateVerdict(status);
    if (verdict.status === 'pending') return notYet(work, verdict);
    return verdict.status === 'cleared'
      ? weighCleared(work, owned, verdict, signal)
      : conclude(work, owned, { status: verdict.status, verdict });
  }

  /** null where the scanner knows no such file. */
  async function lookUp(fileId: string, signal: AbortSignal): Promise<FileStatus | null> {
    await context.pollBudget(signal);
    try {
      return await scanner.files.status(fileId, { signal });
    } catch (error) {
      if (isNotFoundError(error)) return null;
      // Some versions answer "not found" with a 400 and say so in the key only.
      if (isApiError(error) && /NOT_?FOUND/i.test(error.code ?? '')) return null;
      throw error;
    }
  }

  async function weighCleared(
    work: DueWork,
    attachment: Attachment,
    verdict: Verdict,
    signal: AbortSignal,
  ): Promise<StageResult> {
    const copy = verdict.sanitized
      ? await downloadSanitized(context, attachment, verdict.fileId, signal)
      : null;
    publishStep({ stage: 'scan', point: 'downloaded', subject: attachment.id });
    const readBack =
      settings.scan.readBack && !verdict.sanitized
        ? await hashAtScanner(context, verdict.fileId, signal)
        : null;
    if (copy !== null || readBack !== null) {
      // The bytes are what the verdict is about only if it is the same before and after they were read.
      const after = await lookUp(verdict.fileId, signal).catch(async (error: unknown) => {
        // The next try downloads anew: without this each would leave its copy behind until the next start.
        if (copy !== null) await context.custody.remove(copy.custodyKey);
        throw error;
      });
      if (after === null || !sameVerdict(verdict, evaluateVerdict(after))) {
        if (copy !== null) await context.custody.remove(copy.custodyKey);
        return {
          type: 'later',
          delayMs: settings.scan.firstPollMs,
          why: 'the verdict changed while the bytes were read',
          failed: true,
        };
      }
    }
    return conclude(work, attachment, { status: 'cleared', verdict, sanitized: copy, readBack });
  }

  async function conclude(
    work: DueWork,
    attachment: Attachment,
    facts: {
      status: ScannerVerdict['status'];
      verdict?: Verdict;
      sanitized?: { custodyKey: string; size: number; sha256: string } | null;
      readBack?: string | null;
      extra?: Reason;
    },
  ): Promise<StageResult> {
    const sanitized = facts.sanitized ?? null;
    const weighed = weigh({
      custody: attachment,
      opened: { fileId: attachment.scan.fileId, name: attachment.scan.uploadName },
      uploaded: attachment.scan.uploaded,
      verdict: scannerVerdict(attachment, facts),
      sanitized,
      readBack: facts.readBack ?? null,
    });
    const evidence = facts.extra === undefined ? weighed : { ...weighed, reasons: [facts.extra] };
    await record(
      context,
      work.messageId,
      () => [{ type: 'weighed', attachmentId: attachment.id, evidence, sanitized }],
      { done: work },
    );
    return { type: 'done' };
  }

  async function noteUploaded(message: Message, { id, size, sha256 }: Attachment): Promise<void> {
    await record(context, message.id, () => [
      { type: 'uploaded', attachmentId: id, bytes: { size, sha256 } },
    ]);
  }

  function notYet(work: DueWork, verdict: Verdict): StageResult {
    const bounds = { firstMs: settings.scan.firstPollMs, maxMs: settings.scan.maxPollMs };
    const delayMs = waitByAge(now() - work.since, bounds, random());
    return { type: 'later', delayMs, why: verdict.reasons[0]?.text ?? 'being scanned', failed: false };
  }

  async function load(work: DueWork): Promise<{ message: Message; attachment: Attachment }> {
    const message = await ledger.messages.load(work.messageId);
    const attachment = message?.attachments.find(({ id }) => id === work.subject);
    if (message === undefined || attachment === undefined)
      throw new Error(`attachment ${work.subject} is not in the ledger`);
    return { message, attachment };
  }

  return {
    run,
    service: 'scanner',
    // A scanner that takes no uploads may well answer for the files that it has.
    async laneOf(work) {
      const { attachment } = await load(work);
      return attachment.scan.uploaded === null ? 'upload' : 'scan';
    },
    deadlineMs: settings.scan.deadlineMs,
    tries: settings.retry.tries,
    async giveUp(work, { text, unreadable, overdue, damaged }) {
      const code = damaged
        ? 'custody-damaged'
        : overdue
          ? 'scan-overdue'
          : unreadable
            ? 'scanner-unreadable'
            : 'tries-exhausted';
      await record(context, work.messageId, (message) => giveUpEvents(message, reason(code, text)), {
        done: work,
      });
    },
  };
}

/** The whole message is held: it travels whole, and nothing of it may wait for a scan that will not come. */
function giveUpEvents(
  message: Message,
  why: Reason,
): readonly [{ type: 'given-up'; to: 'held'; reasons: readonly Reason[] }] | [] {
  const owed = message.obligations.some(({ place }) => place === 'custody');
  return owed ? [{ type: 'given-up', to: 'held', reasons: [why] }] : [];
}

function isStillOwed(message: Message, attachment: Attachment): boolean {
  return (
    attachment.scan.evidence === null &&
    message.obligations.some(
      ({ attachmentId, place }) => attachmentId === attachment.id && place === 'custody',
    )
  );
}

function scannerVerdict(
  { scan }: Attachment,
  { status, verdict }: { status: ScannerVerdict['status']; verdict?: Verdict },
): ScannerVerdict {
  return {
    status,
    sanitized: verdict?.sanitized ?? false,
    fileId: verdict?.fileId ?? scan.fileId ?? '',
    name: verdict?.name ?? null,
    size: verdict?.size ?? null,
    details: verdict?.reasons.map(({ text }) => text) ?? [],
  };
}
