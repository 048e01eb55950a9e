import { z } from 'zod';
import { fieldNames, pickField } from './field-names';
import { present } from './present';

/** A station (our side) or a partner (the other side), as far as the list of them tells. */
export interface Party {
  /** AS2 identifier. */
  readonly identifier: string;
  /** For people. */
  readonly name?: string;
  /** The entry as it came; numbers beyond 2^53 as strings. What else is in it is not documented. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const recordSchema = z.record(z.string(), z.unknown());
const nameSchema = z.string().optional().catch(undefined);

function parseParty(value: unknown): Party {
  const raw = recordSchema.parse(value);
  const identifier = z.object({ identifier: z.string().min(1) }).parse({
    identifier: pickField(raw, fieldNames.party),
  });
  const name = nameSchema.parse(raw['name'] ?? undefined);
  return { ...identifier, ...present({ name }), raw };
}

/** Reads `{ stations: […] }`, `{ partners: […] }` or a bare array. */
export function parseParties(key: 'stations' | 'partners', value: unknown): readonly Party[] {
  const list = z.union([
    z.array(z.unknown()),
    z.looseObject({ [key]: z.array(z.unknown()) }).transform((answer) => answer[key] as unknown[]),
  ]);
  return list.parse(value).map(parseParty);
}

/** What creating or changing a station or partner answers. */
export interface PartyReceipt {
  /** The gateway's own number for it, as text: it may exceed 2^53. Not the AS2 identifier. */
  readonly id?: string;
  /** What the service says, for people. */
  readonly message?: string;
  /** The answer as it came. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const numberText = z
  .union([z.string().min(1), z.number().transform(String)])
  .optional()
  .catch(undefined);

/** Reads it. The thing is done by then: nothing in the answer is insisted upon, not even that there is one. */
export function parsePartyReceipt(value: unknown): PartyReceipt {
  const { data: raw = {} } = recordSchema.safeParse(value);
  const id = numberText.parse(pickField(raw, ['stationId', 'partnerId', 'id']));
  const message = nameSchema.parse(raw['message'] ?? undefined);
  return { ...present({ id, message }), raw };
}
