import { isFields, optionalText, tolerant } from '../schemas/tolerant';

const wireError = tolerant({ message: optionalText, ui_message_key: optionalText });

/**
 * Reads `{message, ui_message_key, status_code}`. A failed move is answered with a bare array of such objects: its first one speaks for
 * all. Anything else (HTML of a proxy, an empty body) has neither code nor message.
 */
export function readError(body: unknown): { code?: string; message?: string } {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  if (!isFields(first)) return {};
  const { message, ui_message_key: code } = wireError.parse(first);
  return { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
}
