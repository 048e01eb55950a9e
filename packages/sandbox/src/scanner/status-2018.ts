import { apiDate } from './api-dates';
import type { StatusFields } from './scripted-status';
import type { StoredFile } from './stored-file';

// In the one sample 3 stands beside Available; that the others follow the order of the list is inferred.
const STATES = [
  'Composing',
  'QueuedForProcessing',
  'BeingProcessed',
  'Available',
  'Expired',
  'Deleted',
  'Blocked',
  'BlockedNoSanitization',
  'ProcessingFailed',
];
/** Fields that the later page has and the older one has not. */
const LATER = ['name', 'size', 'current_approval_count', 'required_approval_count', 'availability_state_key'];

/**
 * A status in the shape of 02 Nov 2018 and 08 Oct 2019: `displayed_name` instead of `name`, no size, no counts.
 *
 * @param status - The same in the shape of 2021.
 * @example
 * status2018(file, status).displayed_name;
 */
export function status2018(file: StoredFile, status: StatusFields): StatusFields {
  const shared = Object.entries(status).filter(([name]) => !LATER.includes(name));
  const blocked = ['Blocked', 'BlockedNoSanitization'].includes(status['availability_state'] as string);
  const expires = file.expiresAt === undefined ? null : apiDate(file.expiresAt, '');
  const guests = file.sharedWith.filter(({ role }) => role === 'Guest');
  const users = file.sharedWith.filter(({ role }) => role !== 'Guest');
  return {
    ...Object.fromEntries(shared),
    displayed_name: file.name,
    group_id: file.groupId,
    sender: file.owner.email,
    subject: '',
    expires,
    // Documented as MM-dd-yyyy, beside `expires` as an ISO date.
    expiration_date: expires === null ? null : expires.replace(/^(\d{4})-(\d\d)-(\d\d).*$/, '$2-$3-$1'),
    date_created: apiDate(file.completedAt, 'Z'),
    access_mode: 0,
    availability: STATES.indexOf(String(status['availability_state'])),
    is_false_positive: false,
    can_be_approved: status['supervisor_approval_state'] === 'Pending' && !blocked,
    can_be_overridden: blocked,
    can_be_denied_access: file.lifted,
    can_update_sharing: status['is_file_owned'],
    shared_with_active_users: users.map(({ username }) => username),
    shared_with_guests: guests.map(({ username }) => username),
    shared_with_groups: [],
    message: null,
    ui_message_key: null,
  };
}
