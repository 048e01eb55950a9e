import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load';
import { openLedgerReader } from '../ledger/open-ledger';
import type { CommandContext } from './command-context';
import { CommandError, runCommand } from './command-context';
import { defaultConfigFile } from './config';
import { findMessage } from './find-message';
import type { ApiAnswer, PrivateApi } from './private-api';
import { openPrivateApi } from './private-api';
import { terminalText } from './terminal-text';

/** How long the outcome is waited for. */
const waitMs = 60_000;
const firstLookMs = 50;
const lastLookMs = 1_000;

const commandSchema = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'done', 'refused']),
  outcome: z.string().nullable(),
});
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

type Asked = z.output<typeof commandSchema>;

/** Adds `message replay`, `message hold` and `message unhold`: the running bridge carries them out. */
export function registerMessageCommands(message: Command, context: CommandContext): void {
  const add = (name: string, description: string): Command =>
    message
      .command(name)
      .description(description)
      .argument('<id>', 'its id, the beginning of its id, or the id that the gateway gives it')
      .option('-c, --config <file>', 'the configuration of the running bridge', defaultConfigFile);

  add('replay', 'send a held or dead message on its way again, from a fresh scan')
    .option('--even-if-sent', 'also where it may have arrived already, and would arrive twice')
    .action((id: string, { config, evenIfSent = false }: { config: string; evenIfSent?: boolean }) =>
      carryOut(context, { config, id, path: 'replay', body: { evenIfSent } }),
    );
  add('hold', 'put a message under legal hold: nothing of it is removed')
    .requiredOption('--why <text>', 'for whom or what; it stands in the audit')
    .action((id: string, { config, why }: { config: string; why: string }) =>
      carryOut(context, { config, id, path: 'legal-hold', body: { on: true, why } }),
    );
  add('unhold', 'lift the legal hold of a message').action((id: string, { config }: { config: string }) =>
    carryOut(context, { config, id, path: 'legal-hold', body: { on: false } }),
  );
}

async function carryOut(
  context: CommandContext,
  { config, id, path, body }: { config: string; id: string; path: string; body: object },
): Promise<void> {
  await runCommand(context, async () => {
    const api = await openPrivateApi(config, context);
    const messageId = await findId(config, id, context);
    const asked = await ask(api, `/api/v1/messages/${messageId}/${path}`, body);
    const { state, outcome } = await outcomeOf(api, asked);
    const said = terminalText(outcome ?? '');
    if (state !== 'done') throw new CommandError(said);
    context.stdout.write(`${said}\n`);
  });
}

/** As `message show` finds it: in the ledger beside the running bridge. */
async function findId(config: string, id: string, { env, now }: CommandContext): Promise<string> {
  const { ledger: where } = await loadConfig(config, env, { secrets: 'if-there' });
  const ledger = await openLedgerReader(where, now);
  try {
    return (await findMessage(ledger.messages, id)).message.id;
  } finally {
    await ledger.close();
  }
}

async function ask(api: PrivateApi, path: string, body: object): Promise<Asked> {
  return read(await api.call('POST', path, body), 202);
}

async function outcomeOf(api: PrivateApi, asked: Asked): Promise<Asked> {
  let command = asked;
  let waited = 0;
  for (let pause = firstLookMs; command.state === 'waiting'; pause = Math.min(lastLookMs, pause * 2)) {
    if (waited >= waitMs)
      throw new CommandError(
        'The bridge has taken it and not done it yet. It does it as soon as it can; "mft-bridge message show" tells when.',
      );
    await sleep(pause);
    waited += pause;
    command = read(await api.call('GET', `/api/v1/commands/${asked.id}`), 200);
  }
  return command;
}

function read({ status, body }: ApiAnswer, expected: number): Asked {
  const command = commandSchema.safeParse(body);
  if (status === expected && command.success) return command.data;
  const refusal = errorSchema.safeParse(body);
  throw new CommandError(
    refusal.success
      ? terminalText(refusal.data.error.message)
      : `The bridge answered ${String(status)}, which this command does not understand: is it of the same version?`,
  );
}
