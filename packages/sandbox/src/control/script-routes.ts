import type { OutcomeRule } from '../gateway/message';
import type { Script, ScriptHandle } from '../script';
import type { WebhookRule, WebhookTarget } from '../gateway/webhooks';
import type { Routes } from '../routes';
import type { ControlContext } from './control-context';
import { ControlError } from './control-error';
import type { FieldKind } from './read-body';
import { checked, readRule } from './read-body';

const OUTCOME_FIELDS: Readonly<Record<string, FieldKind>> = {
  to: 'text',
  from: 'text',
  messageId: 'text',
  subject: 'text',
  attachment: 'text',
  times: 'count',
  after: 'count',
  outcome: {
    box: ['sent', 'failed', 'incomplete', 'queued'],
    disposition: 'text',
    humanMessage: 'text',
    delivered: 'flag',
    failedTries: 'count',
    retryMs: 'ms',
    failureReason: 'text',
  },
};

const WEBHOOK_FIELDS: Readonly<Record<string, FieldKind>> = {
  eventType: ['MESSAGE.RECEIVED.SUCCESS', 'MESSAGE.SEND.SUCCESS', 'MESSAGE.SEND.FAILED'],
  messageId: 'text',
  partner: 'text',
  station: 'text',
  copies: 'count',
  delayMs: 'ms',
  gapMs: 'ms',
  behindNext: 'flag',
  times: 'count',
  after: 'count',
};

const TARGET_FIELDS: Readonly<Record<string, FieldKind>> = {
  url: 'text',
  station: 'text',
  names: ['v1', 'v2', 'both'],
};

/** What becomes of submits, and where webhooks go and how. */
export function addScriptRoutes(routes: Routes, { gateway }: ControlContext): void {
  addScript<OutcomeRule>(routes, '/outcomes', gateway.outcomes, (body) => {
    const rule = readRule(body, OUTCOME_FIELDS);
    if ((rule['outcome'] as { box?: unknown } | undefined)?.box === undefined)
      throw new ControlError(400, '`outcome.box` is missing.');
    return rule as unknown as OutcomeRule;
  });
  addScript<WebhookRule>(routes, '/webhooks/script', gateway.webhooks.script, (body) =>
    readRule(body, WEBHOOK_FIELDS),
  );

  const targets = (): object => ({ targets: gateway.webhooks.targets });
  routes.add('GET', '/webhooks', (_request, response) => void response.json(targets()));
  routes.add('POST', '/webhooks', (request, response) => {
    const target = readRule(request.body, TARGET_FIELDS) as unknown as WebhookTarget;
    checked(() => gateway.webhooks.setTarget(target));
    response.json(targets());
  });
  routes.add('DELETE', '/webhooks', (_request, response) => {
    for (const { station } of gateway.webhooks.targets) gateway.webhooks.removeTarget(station);
    response.json(targets());
  });
}

function addScript<Rule>(
  routes: Routes,
  path: string,
  script: Script<Rule>,
  read: (body: unknown) => Rule,
): void {
  const view = ({ id, rule, hits }: ScriptHandle<Rule>): object => ({ id, hits, ...rule });
  const all = (): object => ({ rules: script.active.map(view) });
  routes.add('GET', path, (_request, response) => void response.json(all()));
  routes.add('POST', path, (request, response) => {
    response.json(view(script.add(read(request.body))));
  });
  routes.add('DELETE', path, (_request, response) => {
    script.clear();
    response.json(all());
  });
  routes.add('DELETE', `${path}/{id}`, (request, response) => {
    const id = String(request.params['id']);
    const found = script.active.find((handle) => handle.id === id);
    if (found === undefined) throw new ControlError(404, `There is no rule ${id}.`);
    found.remove();
    response.json(view(found));
  });
}
