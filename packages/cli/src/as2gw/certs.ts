import type { As2GatewayClient, Certificate } from '@mft-bridge/as2-gateway-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { parseDuration } from '../options/parse-duration';
import type { Run } from '../run-command';
import { runCommand } from '../run-command';
import { humanInstant } from '../terminal/human';
import { writeTable } from '../terminal/table';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';
import { addAs2gwOptions, withGateway } from './connection';

const DAY_MS = 86_400_000;

interface CertsOptions extends As2gwOptions {
  readonly near: number;
}

/** Adds `as2gw certs`. */
export function registerCerts(program: Command, context: CliContext): void {
  addAs2gwOptions(
    program
      .command('certs')
      .description('list certificates with the days that they have left')
      .option('--near <span>', 'what counts as near', parseDuration, 30 * DAY_MS),
  )
    .addHelpText(
      'after',
      '\nExit status: 2 if one is near its end or past it, 3 if the end of one cannot be read, 0 otherwise.',
    )
    .action((options: CertsOptions) =>
      runCommand(context, (run) => withGateway(run, options, (gateway) => list(run, gateway, options))),
    );
}

async function list(run: Run, gateway: As2GatewayClient, { near, json }: CertsOptions): Promise<ExitStatus> {
  const found: Certificate[] = [];
  for await (const certificate of gateway.certificates.all({}, { signal: run.signal }))
    found.push(certificate);
  const rows = found
    .map((certificate) => ({ certificate, left: leftOf(certificate, run.now()) }))
    // The next to end first; those that nobody knows about before all others.
    .sort((one, other) => (one.left ?? -Infinity) - (other.left ?? -Infinity));
  if (json === true)
    for (const { certificate, left } of rows)
      writeJson(run.stdout, {
        alias: certificate.alias,
        type: certificate.type,
        expires: certificate.expiry?.toISOString() ?? null,
        days: left === undefined ? null : Math.floor(left / DAY_MS),
        near: left !== undefined && left < near,
        belongsTo: certificate.belongsTo,
      });
  else
    writeTable(
      run.stdout,
      ['DAYS', 'EXPIRES', 'TYPE', 'ALIAS', 'BELONGS TO'],
      rows.map(({ certificate, left }) => [
        left === undefined ? '?' : left <= 0 ? 'over' : String(Math.floor(left / DAY_MS)),
        humanInstant(certificate.expiry?.getTime()),
        certificate.type ?? '-',
        certificate.alias,
        certificate.belongsTo.join(', '),
      ]),
      'No certificates.',
    );
  if (rows.some(({ left }) => left !== undefined && left < near)) return exitStatus.refused;
  return rows.some(({ left }) => left === undefined) ? exitStatus.undecided : exitStatus.done;
}

const leftOf = ({ expiry }: Certificate, now: number): number | undefined =>
  expiry === undefined ? undefined : expiry.getTime() - now;
