import type { Request, Response } from 'express';
import { json, Router } from 'express';
import { z } from 'zod';
import { replayRefusal } from '../domain/plan-replay';
import type { Command, Ledger } from '../ledger/ledger';
import type { LedgerReader } from '../ledger/ledger-reader';
import { viewCommand } from './command-view';
import { RequestError } from './request-error';

export interface CommandDependencies {
  readonly ledger: Pick<LedgerReader, 'messages'> & {
    readonly commands: Pick<Ledger['commands'], 'ask' | 'find'>;
  };
  /** Makes ids: 32 lower-case hex digits. */
  readonly newId: () => string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Something was asked for: whoever carries it out need not wait. */
  readonly asked: () => void;
}

/** Whose token it was: all who may use the private API share one. */
const actor = 'api token';
/** Bytes of a body. The largest that makes sense is a sentence. */
const maxBody = 4_096;
/** Characters of a reason; it stands in the audit. */
const maxWhy = 500;

const why = z
  .string({ error: 'why: expected a text' })
  .trim()
  .min(1, { error: 'why: say for whom or what; it stands in the audit' })
  .max(maxWhy, { error: `why: at most ${String(maxWhy)} characters` });
const replaySchema = z.strictObject({
  evenIfSent: z.boolean({ error: 'evenIfSent: expected true or false' }).default(false),
});
const holdSchema = z.discriminatedUnion(
  'on',
  [
    z.strictObject({ on: z.literal(true), why }),
    z.strictObject({ on: z.literal(false), why: why.optional() }),
  ],
  { error: 'on: expected true or false' },
);

/** The paths below `/api/v1` that take a POST, for the list of allowed methods. */
export const commandPath = /^\/messages\/[^/]+\/(?:replay|legal-hold)\/?$/;

/**
 * What people ask the bridge to do. Nothing is done here: a command is written to the ledger, the runner takes it, and
 * `GET /commands/{id}` tells what came of it.
 */
export function createCommandRoutes({ ledger, newId, now, asked }: CommandDependencies): Router {
  const router = Router();
  const body = json({ limit: maxBody, strict: true, type: 'application/json' });

  router.post('/messages/:id/replay', body, async (request: Request<{ id: string }>, response) => {
    const argument = parse(replaySchema, request);
    const message = await find(request.params.id);
    // Said at once where it is certain. The runner looks again: the message may move on until then.
    const refusal = replayRefusal(message, argument);
    if (refusal !== null) throw new RequestError(409, 'not-now', refusal);
    await ask('replay', message.id, argument, response);
  });

  router.post('/messages/:id/legal-hold', body, async (request: Request<{ id: string }>, response) => {
    const argument = parse(holdSchema, request);
    const message = await find(request.params.id);
    await ask('legal-hold', message.id, argument, response);
  });

  router.get('/commands/:id', async (request: Request<{ id: string }>, response) => {
    const command = await ledger.commands.find(request.params.id);
    if (command === undefined) throw new RequestError(404, 'not-found', 'No command has this id.');
    response.json(viewCommand(command));
  });

  async function find(id: string) {
    const message = await ledger.messages.load(id);
    if (message !== undefined) return message;
    throw new RequestError(404, 'not-found', 'No message has this id. GET /api/v1/messages lists them.');
  }

  async function ask(
    kind: Command['kind'],
    messageId: string,
    argument: Command['argument'],
    response: Response,
  ): Promise<void> {
    const command: Command = { id: newId(), kind, messageId, argument, actor, askedAt: now() };
    await ledger.commands.ask(command);
    asked();
    response
      .status(202)
      .location(`/api/v1/commands/${command.id}`)
      .json(viewCommand({ ...command, doneAt: null, outcome: null }));
  }

  return router;
}

/** @throws RequestError that names what is wrong with it */
function parse<T>(schema: z.ZodType<T>, request: Request<{ id: string }>): T {
  // Of another type it is left undefined, as if there were none: what was said must not be passed over.
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (request.body === undefined && (length !== '0' || encoding !== undefined)) {
    const message = 'The body must be JSON, with the header "Content-Type: application/json".';
    throw new RequestError(415, 'not-json', message);
  }
  const result = schema.safeParse(request.body ?? {});
  if (result.success) return result.data;
  throw new RequestError(422, 'bad-body', result.error.issues.map(describe).join('; '));
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown field: ${issue.keys.slice(0, 5).join(', ').slice(0, 200)}`;
  return issue.message;
}
