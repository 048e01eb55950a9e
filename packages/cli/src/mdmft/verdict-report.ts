import type { Verdict } from '@mft-bridge/metadefender-mft-client';
import pc from 'picocolors';
import type { Output } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { humanBytes, humanInstant } from '../terminal/human';
import { terminalText } from '../terminal/terminal-text';

/** What came of one file, for `--json`; a stable shape. */
export interface FileReport {
  /** The path as it was given; absent where the command was given an id. */
  readonly file?: string | undefined;
  readonly fileId?: string | undefined;
  /** `pending`: not decided within the time. `uploaded`: nobody waited. `failed`: see `error`. */
  readonly verdict: Verdict['status'] | 'uploaded' | 'failed';
  readonly reasons?: Verdict['reasons'] | undefined;
  readonly sanitized?: boolean | undefined;
  /** Bytes at the server. */
  readonly size?: number | undefined;
  /** Of the uploaded bytes. */
  readonly sha256?: string | undefined;
  /** Epoch ms, where a lock has a known end. */
  readonly unlocksAt?: number | undefined;
  readonly error?: string | undefined;
}

/** The report of a verdict. */
export function reportOf(verdict: Verdict, more: Partial<FileReport> = {}): FileReport {
  const { status, fileId, reasons, sanitized, size, unlocksAt } = verdict;
  return {
    ...more,
    fileId,
    verdict: status,
    reasons,
    sanitized,
    size,
    ...(unlocksAt === undefined ? {} : { unlocksAt }),
  };
}

/** What a script is told. */
export function statusOf({ verdict }: FileReport): ExitStatus {
  if (verdict === 'cleared' || verdict === 'uploaded') return exitStatus.done;
  if (verdict === 'blocked') return exitStatus.refused;
  return verdict === 'failed' ? exitStatus.failed : exitStatus.undecided;
}

/** One file, one line; the reasons below it. */
export function reportLines(report: FileReport, output: Output): string[] {
  const colors = pc.createColors(output.isTTY === true);
  const color = { 0: colors.green, 1: colors.red, 2: colors.red, 3: colors.yellow }[statusOf(report)];
  const facts = [
    report.fileId === undefined ? '' : report.fileId,
    report.size === undefined ? '' : humanBytes(report.size),
    report.sanitized === true ? 'sanitized: the bytes at the server are not the ones uploaded' : '',
    report.unlocksAt === undefined ? '' : `locked until ${humanInstant(report.unlocksAt)}`,
  ].filter((fact) => fact !== '');
  const subject = report.file ?? report.fileId ?? '';
  const detail = report.file === undefined ? facts.slice(1) : facts;
  return [
    `${color(report.verdict.padEnd(8))}  ${terminalText(subject)}${detail.length === 0 ? '' : `  (${terminalText(detail.join(', '))})`}`,
    ...(report.reasons ?? []).map(({ text }) => `          ${terminalText(text)}`),
    ...(report.error === undefined ? [] : [`          ${terminalText(report.error)}`]),
  ];
}
