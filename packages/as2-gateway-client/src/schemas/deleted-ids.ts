import { z } from 'zod';

const deletedSchema = z.looseObject({ deleted: z.union([z.string(), z.array(z.string())]) });

/** The ids that were deleted; of several that were asked for it may be only some. */
export function parseDeletedIds(value: unknown): readonly string[] {
  const { deleted } = deletedSchema.parse(value);
  return typeof deleted === 'string' ? [deleted] : deleted;
}
