import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { isFields, optionalCount, optionalText, tolerant } from './tolerant';

/** What became of one of many. */
export interface BulkItem {
  /** absent where the server did not say which one it is */
  readonly id?: string | undefined;
  /** the server's `ui_message_key` */
  readonly key?: string | undefined;
  /** the server's own words */
  readonly message?: string | undefined;
}

/** What became of many; the call as a whole succeeded even if every single item failed. */
export interface BulkResult {
  /** those that the server says were done */
  readonly succeeded: readonly BulkItem[];
  /** those that were not; failures that were counted and not listed stand here without an id */
  readonly failed: readonly BulkItem[];
}

const entity = tolerant(
  { id: optionalText, ui_message_key: optionalText, message: optionalText, result: optionalText },
  { id: ['file_id', 'folder_id', 'guid'] },
);
const entities = tolerant({
  entities: z.array(entity).nullish(),
  failed_counter: optionalCount,
}).nullish();
const split = tolerant({ successful_results: entities, failed_results: entities });
const pair = tolerant({ key: z.string(), value: entity });
const mixed = tolerant({ results: z.array(z.union([pair, entity])) });

const item = (wire: z.infer<typeof entity>, id = wire.id): BulkItem => ({
  ...(id === undefined ? {} : { id }),
  ...(wire.ui_message_key === undefined ? {} : { key: wire.ui_message_key }),
  ...(wire.message === undefined ? {} : { message: wire.message }),
});

/** `result` is the word, `Result` a number beside it. Where no word is given, an item that has nothing to say went well. */
const wentWell = (wire: z.infer<typeof entity>): boolean =>
  wire.result === undefined
    ? wire.ui_message_key === undefined && !wire.message
    : wire.result.toLowerCase() === 'success';

/** Failures that were counted and not listed: which ones they were, nobody knows, but they did not succeed. */
const nameless = (count: number): readonly BulkItem[] =>
  Array.from({ length: Math.min(Math.max(count, 0), 100_000) }, () => ({}));

function sortOut(wires: z.infer<typeof mixed>['results']): BulkResult {
  const succeeded: BulkItem[] = [];
  const failed: BulkItem[] = [];
  for (const wire of wires) {
    const [body, id] =
      'value' in wire && 'key' in wire
        ? (() => {
            const known = pair.parse(wire);
            return [known.value, known.key] as const;
          })()
        : ([entity.parse(wire), undefined] as const);
    (wentWell(body) ? succeeded : failed).push(item(body, id ?? body.id));
  }
  return { succeeded, failed };
}

/**
 * Parses the four shapes in which this API answers a call about many: separate lists, one list of items with a word for the result, one list
 * of `Key`/`Value` pairs, and a bare array of failures.
 */
export const bulkResult: Parser<BulkResult> = {
  parse: (raw) => {
    if (Array.isArray(raw)) return sortOut(mixed.parse({ results: raw }).results);
    if (isFields(raw) && Object.keys(raw).some((name) => /^(successful|failed)_?results$/i.test(name))) {
      const { successful_results: good, failed_results: bad } = split.parse(raw);
      return {
        succeeded: (good?.entities ?? []).map((wire) => item(wire)),
        failed: [
          ...(bad?.entities ?? []).map((wire) => item(wire)),
          ...nameless((bad?.failed_counter ?? 0) - (bad?.entities ?? []).length),
        ],
      };
    }
    return sortOut(mixed.parse(raw).results);
  },
};

/** As {@link bulkResult}, for calls whose success is answered with a body to be ignored. */
export const failuresOnly: Parser<readonly BulkItem[]> = {
  parse: (raw) => (Array.isArray(raw) ? bulkResult.parse(raw).failed : []),
};
