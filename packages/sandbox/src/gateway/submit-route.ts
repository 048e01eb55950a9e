import type { Request } from 'express';
import { sendJson } from './json';
import type { GatewayState } from './gateway-state';
import type { Names } from './names';
import type { Outbound } from './outbound';
import { queryText, RefusedError } from './query';
import { readSubmission } from './read-submission';
import type { RouteHandler } from '../routes';
import type { GatewayUndocumented } from './undocumented';

/**
 * `POST /message/submit`: 202 with a `Link` header that is a bare absolute URL with the raw id at its end, which a
 * parser of RFC 8288 would misread (reference, section 5).
 */
export function submitRoute(
  state: GatewayState,
  outbound: Outbound,
  names: Names,
  options: {
    readonly maxBytes: number;
    readonly baseUrl: () => string;
    readonly undocumented: Pick<GatewayUndocumented, 'link' | 'partName'>;
  },
): RouteHandler {
  return async (request, response) => {
    const from = requiredHeader(request, 'AS2-From');
    const to = requiredHeader(request, 'AS2-To');
    if (!state.stations.includes(from))
      throw new RefusedError(422, `Unable to find station with AS2 identifier: ${from}`);
    const partner = state.partners.get(to);
    if (partner === undefined || (names.generation !== 'v1' && queryText(request, 'service') === 'sftp'))
      throw new RefusedError(422, `Unable to find partner with AS2 identifier: ${to}`);
    const attachments = await readSubmission(request, state.blobs, {
      maxBytes: options.maxBytes,
      partName: options.undocumented.partName,
    });
    const subject = request.headers['subject'];
    const { identifier } = await outbound.submit({
      from,
      to,
      subject: typeof subject === 'string' && subject !== '' ? subject : partner.defaultSubject,
      attachments,
    });
    const link = linkTo(`${options.baseUrl()}/message/outbox/`, identifier, options.undocumented.link);
    if (link !== undefined) response.setHeader('Link', link);
    sendJson(response, 202, { message: 'Message queued successfully', ...names.putSubmitted(identifier) });
  };
}

function linkTo(box: string, id: string, form: GatewayUndocumented['link']): string | undefined {
  if (form === 'none') return undefined;
  if (form === 'bare') return `${box}${id}`;
  const url = `${box}${encodeURIComponent(id)}`;
  return form === 'encoded' ? url : `<${url}>; rel="self"`;
}

function requiredHeader(request: Request, name: string): string {
  const value = request.headers[name.toLowerCase()];
  if (typeof value !== 'string' || value === '')
    throw new RefusedError(400, `Missing required header: ${name}`);
  return value;
}
