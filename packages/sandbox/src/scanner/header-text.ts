import type { Request, Response } from 'express';
import type { ScannerUndocumented } from './undocumented';

/**
 * Reads parameters beyond ASCII in another way than as UTF-8, to be put before all routes. Header bytes come from Node
 * as Latin-1 and are read as UTF-8 later: whatever is meant is put down in that form.
 *
 * @param form - Read at every call.
 */
export function readHeaderText(
  form: () => ScannerUndocumented['headerText'],
): (request: Request, response: Response, next: () => void) => void {
  return (request, _response, next) => {
    const reading = form();
    if (reading !== 'utf-8')
      for (const [name, value] of Object.entries(request.headers))
        if (typeof value === 'string' && (name.includes('_') || name === 'path'))
          request.headers[name] = Buffer.from(reading === 'percent' ? decoded(value) : value).toString(
            'latin1',
          );
    next();
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
