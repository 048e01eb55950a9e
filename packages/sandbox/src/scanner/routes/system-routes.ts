import type { Routes } from '../../routes';
import { caller } from '../caller';
import type { ScannerContext } from '../scanner-context';

/** The version. */
export function addSystemRoutes(routes: Routes, { keys, version, settings }: ScannerContext): void {
  // The body of this answer is documented nowhere; each answer of 3.x carries the two nulls.
  routes.add('GET', '/vault_rest/version', (request, response) => {
    caller(request, keys, 'new');
    const text = settings().undocumented.version === 'text';
    response.json(text ? version : { message: null, ui_message_key: null, version });
  });
}
