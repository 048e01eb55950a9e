import type { Delivery } from '@mft-bridge/as2-gateway-client';
import pc from 'picocolors';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import type { Run } from '../run-command';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';

/** Where a message stands, for `--json`; a stable shape. */
export interface DeliveryReport {
  readonly id: string;
  readonly state: Delivery['state'];
  /** The partner has taken it, as far as its receipt can say so. */
  readonly good: boolean;
  readonly disposition: string | null;
  readonly failures: number | null;
}

export function deliveryReport(id: string, { state, good, disposition, message }: Delivery): DeliveryReport {
  return { id, state, good, disposition: disposition?.text ?? null, failures: message?.failures ?? null };
}

/** 0 taken by the partner, 2 failed or refused, 3 not known yet. */
export function deliveryStatus({ state, good, disposition }: DeliveryReport): ExitStatus {
  if (good) return exitStatus.done;
  // Sent without a receipt is not refused: it may still come.
  return state === 'failed' || (state === 'sent' && disposition !== null)
    ? exitStatus.refused
    : exitStatus.undecided;
}

export function writeDelivery({ stdout }: Pick<Run, 'stdout'>, report: DeliveryReport, json: boolean): void {
  if (json) {
    writeJson(stdout, report);
    return;
  }
  const colors = pc.createColors(stdout.isTTY === true);
  const status = deliveryStatus(report);
  const color = status === 0 ? colors.green : status === 2 ? colors.red : colors.yellow;
  const receipt = report.disposition ?? (report.state === 'sent' ? 'no receipt yet' : '');
  const word = report.good ? 'delivered' : report.state;
  stdout.write(
    `${color(word.padEnd(10))}${terminalText(report.id)}${receipt === '' ? '' : `  (${terminalText(receipt)})`}\n`,
  );
}
