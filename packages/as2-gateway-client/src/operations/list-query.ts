import type { Parser, QueryValue } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { messageIdSchema } from './message-id-schema';
import type { WireNames } from './wire-names';
import { listParameters } from './wire-names';

/** Paging and order, which combine with every filter. */
export interface ListPaging {
  /** Index of the page, from 0. Default 0. */
  readonly page?: number | undefined;
  /** Messages a page, 1 to 100. Default 100 (the service's own default is 10). */
  readonly pageLength?: number | undefined;
  /** Default `asc`, oldest first (the service's own default is `desc`). */
  readonly sort?: 'asc' | 'desc' | undefined;
  /**
   * Query parameters that this client does not know, sent as they are. Names that it does know are refused. The
   * documents name no filter by date or attachment and no cursor: should your installation have one, it goes here.
   */
  readonly extra?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** By whose messages they are. Both may be given. */
export interface PartyFilter {
  /** AS2 identifier of our side. */
  readonly station?: string | undefined;
  /** AS2 identifier of the other side. */
  readonly partner?: string | undefined;
  /** Not beside station or partner: the service would ignore it. */
  readonly id?: undefined;
  /** Not beside station or partner: the service would ignore it. */
  readonly subject?: undefined;
}

/** By message id alone. */
export interface IdFilter {
  /** AS2 message id, with its angle brackets. */
  readonly id: string;
  /** Not beside an id: the service would ignore the id. */
  readonly station?: undefined;
  /** Not beside an id: the service would ignore the id. */
  readonly partner?: undefined;
  /** Not beside an id: the service would ignore the subject. */
  readonly subject?: undefined;
}

/** By subject alone. Whether the service compares the whole text or a part of it is not documented. */
export interface SubjectFilter {
  /** Text of the subject. */
  readonly subject: string;
  /** Not beside a subject: the service would ignore the subject. */
  readonly station?: undefined;
  /** Not beside a subject: the service would ignore the subject. */
  readonly partner?: undefined;
  /** Not beside a subject: the service would ignore the subject. */
  readonly id?: undefined;
}

/**
 * One kind of filter at a time: beside station or partner the service silently ignores id and subject, and beside
 * an id the subject.
 */
export type MessageFilter = PartyFilter | IdFilter | SubjectFilter;

/** What a list is asked for. */
export type ListQuery = MessageFilter & ListPaging;

/** All fields that a list's query can have, whatever may stand beside what. */
interface ListFields extends ListPaging {
  readonly station?: string | undefined;
  readonly partner?: string | undefined;
  readonly id?: string | undefined;
  readonly subject?: string | undefined;
}

const filterText = z.string().min(1).optional();

const listFields = {
  station: filterText,
  partner: filterText,
  id: messageIdSchema.optional(),
  subject: filterText,
  page: z.number().int().min(0).optional(),
  pageLength: z.number().int().min(1).max(100).optional(),
  sort: z.enum(['asc', 'desc']).optional(),
  extra: z
    .record(
      z
        .string()
        .min(1)
        .refine((name) => !listParameters.has(name), 'has a field of its own in the query'),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .optional(),
};

function oneKindOfFilter(query: ListFields): boolean {
  const kinds = [query.station ?? query.partner, query.id, query.subject];
  return kinds.filter((kind) => kind !== undefined).length <= 1;
}

const onlyOne =
  'give station and partner, or id, or subject: the service would silently ignore the others and list too much';

/** Strict reading of a query for any box. */
export const listQuerySchema: Parser<ListFields> = z
  .strictObject(listFields)
  .refine(oneKindOfFilter, onlyOne);

/** The same with `unreadOnly`, which only the inbox knows. */
export const inboxQuerySchema: Parser<ListFields & { readonly unreadOnly?: boolean | undefined }> = z
  .strictObject({ ...listFields, unreadOnly: z.boolean().optional() })
  .refine(oneKindOfFilter, onlyOne);

/** The query on the wire. Paging is always sent, so that the service's defaults (ten newest) never decide. */
export function encodeListQuery(query: ListFields, names: WireNames): Record<string, QueryValue> {
  return as2Query(names, {
    ...query.extra,
    sortDir: query.sort ?? 'asc',
    pageLength: query.pageLength ?? 100,
    pageOffset: query.page ?? 0,
    [names.station]: query.station,
    [names.partner]: query.partner,
    [names.messageId]: query.id,
    subject: query.subject,
  });
}

/** Every call but the two of authorization names the service: which one is meant without it is not documented. */
export function as2Query(
  { service }: Pick<WireNames, 'service'>,
  query: Record<string, QueryValue> = {},
): Record<string, QueryValue> {
  return { service, ...query };
}
