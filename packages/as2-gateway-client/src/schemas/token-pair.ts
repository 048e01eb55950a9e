import { z } from 'zod';
import { fieldNames, pickField } from './field-names';

/** What the two auth calls answer. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** `apiTokenExpiryIn` as it came; its unit is not documented. */
  readonly expiry?: number;
}

const recordSchema = z.record(z.string(), z.unknown());
const pairSchema = z.object({
  apiToken: z.string().min(1),
  refreshToken: z.string().min(1).optional().catch(undefined),
  apiTokenExpiryIn: z.coerce.number().positive().optional().catch(undefined),
});

/** Reads the tokens under their old or new names. The failing field is named by its new name, never its value. */
export function parseTokenPair(value: unknown): TokenPair {
  const raw = recordSchema.parse(value);
  const pair = pairSchema.parse({
    apiToken: pickField(raw, fieldNames.accessToken),
    refreshToken: pickField(raw, fieldNames.refreshToken),
    apiTokenExpiryIn: raw['apiTokenExpiryIn'] ?? undefined,
  });
  return {
    accessToken: pair.apiToken,
    ...(pair.refreshToken === undefined ? {} : { refreshToken: pair.refreshToken }),
    ...(pair.apiTokenExpiryIn === undefined ? {} : { expiry: pair.apiTokenExpiryIn }),
  };
}
