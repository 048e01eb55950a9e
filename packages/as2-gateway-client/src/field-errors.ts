import { isApiError } from '@mft-bridge/http-transport';

/**
 * What the service says is wrong with which field, when it refused to create or change something. It answers
 * `errors: [{ field: reason }, …]`; several reasons for one field are put into one text. Empty for any other error.
 *
 * @example
 * try { await gateway.partners.create(partner); }
 * catch (error) { for (const [field, reason] of fieldErrors(error)) console.error(field, reason); }
 */
export function fieldErrors(error: unknown): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  if (!isApiError(error) || typeof error.body !== 'object' || error.body === null) return reasons;
  collect((error.body as { errors?: unknown }).errors, reasons);
  return reasons;
}

// A list of one-key objects is what is documented; a map, and reasons in a list, are read as well.
function collect(errors: unknown, reasons: Map<string, string>): void {
  if (Array.isArray(errors)) {
    for (const each of errors) collect(each, reasons);
    return;
  }
  if (typeof errors !== 'object' || errors === null) return;
  for (const [field, reason] of Object.entries(errors)) {
    const text = textOf(reason);
    if (text === undefined) continue;
    const known = reasons.get(field);
    reasons.set(field, known === undefined ? text : `${known}; ${text}`);
  }
}

function textOf(reason: unknown): string | undefined {
  if (typeof reason === 'string') return reason;
  if (!Array.isArray(reason)) return undefined;
  const texts = reason.filter((each): each is string => typeof each === 'string');
  return texts.length > 0 ? texts.join('; ') : undefined;
}
