import type { Login } from './choose-auth';

/** What goes into the Basic header before base64; a secret. */
export const credentialsOf = (who: Login): string =>
  'guestPin' in who
    ? who.guestPin
    : `${who.username}${who.separator === 'colon' ? ':' : '\r\n'}${who.password}`;
