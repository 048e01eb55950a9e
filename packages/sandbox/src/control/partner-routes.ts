import type { Routes } from '../routes';
import type { ControlContext } from './control-context';
import { ControlError } from './control-error';
import { parsePartnerMessage } from './parse-partner-message';
import { asFields } from './read-body';

/** `/partners`: the other side of the gateway. */
export function addPartnerRoutes(routes: Routes, { gateway }: ControlContext): void {
  function checkPartner(id: string): string {
    if (gateway.partners.includes(id)) return id;
    throw new ControlError(
      404,
      `There is no partner ${id}: this gateway has ${gateway.partners.join(', ')}.`,
    );
  }

  routes.add('POST', '/partners/{id}/send', async (request, response) => {
    const id = checkPartner(String(request.params['id']));
    const message = parsePartnerMessage(request.body);
    if (message.to !== undefined && !gateway.stations.includes(message.to))
      throw new ControlError(
        400,
        `There is no station ${message.to}: this gateway has ${gateway.stations.join(', ')}.`,
      );
    if (message.messageId === '') throw new ControlError(400, '`messageId` cannot be empty.');
    response.json(await gateway.partner(id).send(message));
  });

  routes.add('POST', '/partners/{id}/resend', async (request, response) => {
    const id = checkPartner(String(request.params['id']));
    const { messageId, newId = false } = asFields(request.body);
    if (typeof messageId !== 'string') throw new ControlError(400, '`messageId` must be a text.');
    if (typeof newId !== 'boolean' && typeof newId !== 'string')
      throw new ControlError(400, '`newId` must be true, false or a text.');
    const again = gateway.partner(id).resend({ messageId }, { newId });
    response.json(
      await again.catch((error: unknown) => {
        throw new ControlError(404, error instanceof Error ? error.message : String(error));
      }),
    );
  });
}
