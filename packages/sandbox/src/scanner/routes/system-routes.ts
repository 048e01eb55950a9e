import { createHash } from 'node:crypto';
import type { Routes } from '../../routes';
import { caller } from '../caller';
import type { ScannerContext } from '../scanner-context';

/** The version and a user's root folder. */
export function addSystemRoutes(routes: Routes, { keys, version }: ScannerContext): void {
  // The body of this answer is documented nowhere; each answer of 3.x carries the two nulls.
  routes.add('GET', '/vault_rest/version', (request, response) => {
    caller(request, keys, 'new');
    response.json({ message: null, ui_message_key: null, version });
  });

  routes.add('GET', '/vault_rest/root_folder', (request, response) => {
    const { account } = caller(request, keys, 'old');
    response.json({
      folder_id: createHash('sha256').update(`root of ${account.userId}`).digest('hex').slice(0, 32),
      name: '',
      path: '',
      owner: account.username,
      owner_id: account.userId,
      availability_state: 'Available',
      can_update_sharing: false,
      folder_path_list: [],
    });
  });
}
