import { z } from 'zod';
import type { MessageState } from '../domain/message';
import { RequestError } from './request-error';

export const messageStates = [
  'scanning',
  'deciding',
  'delivering',
  'forwarded',
  'partly-forwarded',
  'quarantined',
  'held',
  'dead-letter',
  'observed',
  'archived',
] as const satisfies readonly MessageState[];

export const maxPage = 200;

const schema = z.strictObject({
  state: z.enum(messageStates, { error: `state: expected one of ${messageStates.join(', ')}` }).optional(),
  limit: z
    .string({ error: 'limit: expected it once' })
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= maxPage)
    .default(50),
  cursor: z.string({ error: 'cursor: expected it once' }).min(1).max(500).optional(),
});

export interface MessageQuery {
  readonly limit: number;
  readonly state?: MessageState;
  readonly cursor?: string;
}

/** Reads the query of a list of messages. @throws RequestError (400) that names what is wrong with it */
export function parseMessageQuery(query: unknown): MessageQuery {
  const result = schema.safeParse(query);
  if (!result.success) throw new RequestError(400, 'bad-query', result.error.issues.map(describe).join('; '));
  const { state, limit, cursor } = result.data;
  return { limit, ...(state === undefined ? {} : { state }), ...(cursor === undefined ? {} : { cursor }) };
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `unknown parameter; expected state, limit or cursor`;
  switch (issue.path[0]) {
    case 'limit':
      return `limit: expected a whole number between 1 and ${String(maxPage)}`;
    case 'cursor':
      return 'cursor: expected the "next" of an earlier answer';
    default:
      return issue.message;
  }
}
