import type { RequestListener } from 'node:http';
import type { CallLog } from '../call-log';
import type { RouteFaults } from '../faults/route-faults';
import type { RouteHandler } from '../routes';
import { createRoutes } from '../routes';
import { FieldsRefusedError } from './field-checks';
import { sendError, sendJson } from './json';
import type { MessageRouteContext } from './message-routes';
import {
  attachmentsRoute,
  deleteManyRoute,
  deleteRoute,
  getRoute,
  listRoute,
  markUnreadRoute,
  mdnRoute,
} from './message-routes';
import type { PartyRouteContext } from './party-routes';
import { addPartyRoutes } from './party-routes';
import { queryText, RefusedError } from './query';
import { readJson } from './read-json';
import type { Sessions, SessionTokens } from './sessions';

/** The REST API of the gateway as one request handler. */
export function createApiApp(
  context: MessageRouteContext,
  parts: PartyRouteContext & {
    readonly sessions: Sessions;
    readonly submit: RouteHandler;
    readonly log: CallLog;
    readonly faults?: RouteFaults;
  },
): RequestListener {
  const { state, names, undocumented } = context;
  const { refusedTokenStatus: refused, tokenExpiry, errorKey } = undocumented;
  const routes = createRoutes(parts.log, state.clock, parts.faults);

  function guarded(handler: RouteHandler): RouteHandler {
    return (request, response) => {
      if (!parts.sessions.accepts(request.headers.authorization))
        throw new RefusedError(refused, refused === 401 ? 'Unauthorized' : 'Forbidden');
      if (undocumented.service === 'required' && queryText(request, 'service') === undefined)
        throw new RefusedError(400, 'Missing required query parameter: service');
      return handler(request, response);
    };
  }

  const inUnit = {
    seconds: (seconds: number) => seconds,
    ms: (seconds: number) => seconds * 1000,
    'epoch-ms': (seconds: number) => state.clock() + seconds * 1000,
  };
  function tokens({ apiToken, refreshToken, expiresIn }: SessionTokens): Record<string, unknown> {
    return {
      ...names.put('apiToken', apiToken),
      ...names.put('refreshToken', refreshToken),
      ...(names.generation === 'v1' || tokenExpiry === 'none'
        ? {}
        : { apiTokenExpiryIn: inUnit[tokenExpiry](expiresIn) }),
    };
  }

  routes.add('POST', '/authorize', async (request, response) => {
    const opened = parts.sessions.authorize(await readJson(request));
    if (opened === undefined) throw new RefusedError(401, 'Authentication Failed: Bad credentials');
    sendJson(response, 200, tokens(opened));
  });
  routes.add('POST', '/refresh-session', async (request, response) => {
    const body = await readJson(request).catch(() => undefined);
    const opened = parts.sessions.refresh(body);
    if (opened === undefined) throw new RefusedError(500, 'Error occurred while refreshing the user session');
    sendJson(response, 200, tokens(opened));
  });

  routes.add('POST', '/message/submit', guarded(parts.submit));

  // Fixed names before {id}: they share its place in the path.
  routes.add('GET', '/message/inbox', guarded(listRoute(context, 'inbox')));
  routes.add('GET', '/message/outbox', guarded(listRoute(context, 'sent')));
  for (const box of ['queued', 'failed', 'incomplete'] as const)
    routes.add('GET', `/message/outbox/${box}`, guarded(listRoute(context, box)));
  routes.add('POST', '/message/inbox/{id}/markUnread', guarded(markUnreadRoute(context)));
  for (const side of ['inbox', 'outbox'] as const) {
    routes.add('POST', `/message/${side}/delete`, guarded(deleteManyRoute(context, side)));
    routes.add('GET', `/message/${side}/{id}`, guarded(getRoute(context, side)));
    routes.add('GET', `/message/${side}/{id}/attachments`, guarded(attachmentsRoute(context, side)));
    routes.add('GET', `/message/${side}/{id}/mdn`, guarded(mdnRoute(context, side)));
    routes.add('DELETE', `/message/${side}/{id}`, guarded(deleteRoute(context, side)));
  }

  addPartyRoutes(routes, guarded, { ...parts, names, lists: undocumented.lists });

  routes.otherwise(
    () => {
      throw new RefusedError(404, 'Not Found');
    },
    (error, _request, response) => {
      if (error instanceof FieldsRefusedError)
        sendJson(response, error.status, { message: error.message, errors: error.errors });
      else if (error instanceof RefusedError) sendError(response, error.status, error.message, errorKey);
      else if (error instanceof URIError) sendError(response, 400, 'Bad Request', errorKey);
      else sendError(response, 500, 'Internal Server Error', errorKey);
    },
  );
  return routes.app;
}
