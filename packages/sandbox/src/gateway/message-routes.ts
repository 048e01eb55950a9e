import type { Request } from 'express';
import type { RouteHandler } from '../routes';
import { sendJson } from './json';
import type { GatewayState } from './gateway-state';
import { mdnKey } from './gateway-state';
import { listMessages } from './list-messages';
import type { Side } from './mailbox';
import type { BoxName, GatewayMessage } from './message';
import { messageView, rawMdn } from './message-view';
import type { Names } from './names';
import type { Outbound } from './outbound';
import { pathParam, queryText, RefusedError } from './query';
import { readJson } from './read-json';
import type { GatewayUndocumented } from './undocumented';

/** What the calls on messages work with. */
export interface MessageRouteContext {
  readonly state: GatewayState;
  readonly outbound: Outbound;
  readonly names: Names;
  readonly filesUrl: () => string;
  readonly oldAttachments: 'listed' | 'gone' | 'denied';
  readonly undocumented: GatewayUndocumented;
}

/** `GET /message/inbox`, `/message/outbox`, `/message/outbox/queued` and so on. */
export function listRoute(context: MessageRouteContext, box: BoxName): RouteHandler {
  const { state, outbound, names, undocumented } = context;
  const { listItems, lists } = undocumented;
  return (request, response) => {
    outbound.settle();
    const ids = listMessages(request, box, state.mailbox, names, undocumented);
    const messages = listItems === 'ids' ? ids : ids.map((id) => names.put('identifier', id));
    sendJson(response, 200, lists === 'named' ? { messages } : messages);
  };
}

/** `GET /message/{inbox|outbox}/{id}`; the inbox marks as read unless told not to. */
export function getRoute(context: MessageRouteContext, side: Side): RouteHandler {
  return (request, response) => {
    const records = find(context, side, request);
    const newest = records.at(-1);
    if (newest === undefined) throw new RefusedError(404, 'Message not found');
    const mark = queryText(request, 'markAsRead') ?? String(context.undocumented.markAsReadDefault);
    if (side === 'inbox' && mark !== 'false')
      // The id is all that a caller has: a message that came twice under one id is read as one.
      for (const record of records) context.state.mailbox.setRead(record, true);
    const view = messageView(newest, context.names);
    for (const name of context.undocumented.missingFields) Reflect.deleteProperty(view, name);
    sendJson(response, 200, view);
  };
}

/** `POST /message/inbox/{id}/markUnread` */
export function markUnreadRoute(context: MessageRouteContext): RouteHandler {
  return (request, response) => {
    const records = find(context, 'inbox', request);
    if (records.length === 0) throw new RefusedError(404, 'Message not found');
    for (const record of records) context.state.mailbox.setRead(record, false);
    sendJson(response, 200, { message: `Successfully marked message ${pathParam(request, 'id')} as unread` });
  };
}

/** `GET /message/{inbox|outbox}/{id}/attachments` */
export function attachmentsRoute(context: MessageRouteContext, side: Side): RouteHandler {
  return (request, response) => {
    const records = find(context, side, request);
    const message = records.at(-1);
    const { attachments = [] } = message ?? {};
    const gone = context.oldAttachments === 'gone' && context.state.outlived(message?.timestamp ?? 0);
    if (attachments.length === 0 || gone) throw new RefusedError(404, 'Attachment(s) not found');
    if (side === 'inbox' && context.undocumented.attachmentsMarkRead)
      for (const record of records) context.state.mailbox.setRead(record, true);
    sendJson(response, 200, {
      total: attachments.length,
      attachments: attachments.map(({ name, key }) => ({
        name,
        url: context.state.objects.presign(key, context.filesUrl()),
      })),
    });
  };
}

/** `GET /message/{inbox|outbox}/{id}/mdn` */
export function mdnRoute(context: MessageRouteContext, side: Side): RouteHandler {
  return async (request, response) => {
    const { objects, blobs, clock } = context.state;
    const message = find(context, side, request).at(-1);
    const content = message && rawMdn(message);
    if (message === undefined || content === undefined) throw new RefusedError(404, 'MDN not found');
    const key = mdnKey(message);
    // Made when it is first asked for: most are never looked at. What the bucket deleted does not come back.
    if (!objects.has(key) && !context.state.outlived(message.timestamp))
      objects.put(key, {
        blob: await blobs.fromBytes(content),
        name: 'mdn.raw',
        contentType: 'application/octet-stream',
        modified: clock(),
      });
    sendJson(response, 200, { url: objects.presign(key, context.filesUrl()) });
  };
}

/** `DELETE /message/{inbox|outbox}/{id}` */
export function deleteRoute(context: MessageRouteContext, side: Side): RouteHandler {
  return async (request, response) => {
    const identifier = pathParam(request, 'id');
    if (!(await remove(context, side, identifier))) throw new RefusedError(404, 'Unable to find message');
    sendJson(response, 200, { deleted: identifier });
  };
}

/** `POST /message/{inbox|outbox}/delete`: up to 100 ids; those not found are missing in the answer. */
export function deleteManyRoute(context: MessageRouteContext, side: Side): RouteHandler {
  return async (request, response) => {
    const body = (await readJson(request)) as Record<string, unknown> | null;
    const given = context.names.accepted('messageIds').map((name) => body?.[name]);
    const ids = given.find((list): list is unknown[] => Array.isArray(list));
    if (ids === undefined || ids.length > 100) throw new RefusedError(400, 'Invalid request body');
    const deleted: string[] = [];
    for (const id of ids) if (typeof id === 'string' && (await remove(context, side, id))) deleted.push(id);
    if (deleted.length === 0) throw new RefusedError(404, 'Unable to find messages');
    sendJson(response, 200, { deleted });
  };
}

/** Incomplete messages are not among those that the vendor says can be deleted. */
async function remove(context: MessageRouteContext, side: Side, identifier: string): Promise<boolean> {
  context.outbound.settle();
  const records = context.state.mailbox.withId(side, identifier).filter(({ box }) => box !== 'incomplete');
  for (const record of records) await context.state.remove(record);
  return records.length > 0;
}

/** Records of the id in the address, oldest first; one that was just submitted is not there yet. */
function find(context: MessageRouteContext, side: Side, request: Request): readonly GatewayMessage[] {
  context.outbound.settle();
  const records = context.state.mailbox.withId(side, pathParam(request, 'id'));
  if (side === 'inbox') return records;
  const sentOnly = context.undocumented.outboxKnows === 'sent';
  return records.filter((one) => context.outbound.visible(one) && (!sentOnly || one.box === 'sent'));
}
