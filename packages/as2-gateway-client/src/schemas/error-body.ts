import { pickField } from './field-names';

/** What an error body of the service says. */
export interface GatewayFault {
  readonly code?: string;
  readonly message?: string;
}

/**
 * Reads `message`, `Message` or `error`, and `errors` as a list of texts, a list of one-key objects or a map.
 * Anything else, such as the HTML of a proxy, says nothing.
 */
export function readGatewayError(body: unknown): GatewayFault {
  if (typeof body !== 'object' || body === null) return {};
  const record = body as Record<string, unknown>;
  const code = pickField(record, ['code', '__type']);
  const message = pickField(record, ['message', 'error', 'error_description']);
  const details = fieldFaults(record['errors']);
  const text = [typeof message === 'string' ? message : '', details.join('; ')]
    .filter((part) => part !== '')
    .join(': ');
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(text === '' ? {} : { message: text }),
  };
}

function fieldFaults(errors: unknown): string[] {
  if (typeof errors === 'string') return [errors];
  if (Array.isArray(errors)) return errors.flatMap(fieldFaults);
  if (typeof errors !== 'object' || errors === null) return [];
  return Object.entries(errors).map(
    ([field, reason]) => `${field} ${typeof reason === 'string' ? reason : 'is refused'}`,
  );
}
