import type { Request } from 'express';
import { Router } from 'express';
import type { LedgerReader } from '../ledger/ledger-reader';
import type { Activity } from '../telemetry/activity';
import type { CommandDependencies } from './command-routes';
import { createCommandRoutes } from './command-routes';
import { viewMessageDetail } from './message-detail';
import { parseMessageQuery } from './message-query';
import { viewMessage } from './message-view';
import { RequestError } from './request-error';

export interface ApiDependencies extends CommandDependencies {
  readonly ledger: CommandDependencies['ledger'] & Pick<LedgerReader, 'messages' | 'intakeFailures'>;
  readonly activity: Pick<Activity, 'snapshot'>;
}

/** `/api/v1`: what the bridge has, did and does, and what people ask of it. */
export function createApi({ ledger, activity, ...commands }: ApiDependencies): Router {
  const router = Router();
  router.use(createCommandRoutes({ ledger, ...commands }));

  router.get('/messages', async (request, response) => {
    const { items, next } = await ledger.messages.list(parseMessageQuery(request.query));
    response.json({ messages: items.map(viewMessage), ...(next === undefined ? {} : { next }) });
  });

  router.get('/messages/:id', async (request: Request<{ id: string }>, response) => {
    const { id } = request.params;
    const [summary, timeline] = await Promise.all([
      ledger.messages.summary(id),
      ledger.messages.timeline(id),
    ]);
    if (summary === undefined) {
      throw new RequestError(404, 'not-found', 'No message has this id. GET /api/v1/messages lists them.');
    }
    response.json(viewMessageDetail(summary, timeline));
  });

  router.get('/intake-failures', async (_request, response) => {
    response.json({ failures: await ledger.intakeFailures.list() });
  });

  router.get('/activity', (_request, response) => {
    response.json(activity.snapshot());
  });

  return router;
}
