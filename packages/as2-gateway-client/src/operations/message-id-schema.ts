import { z } from 'zod';
import { messageIdProblem } from '../message-id';

/** Strict reading of an id that is to stand in a path, a query or a body. */
export const messageIdSchema: z.ZodType<string> = z.string().superRefine((id, context) => {
  const problem = messageIdProblem(id);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});
