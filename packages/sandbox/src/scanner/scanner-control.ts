import type { Request } from 'express';
import { ControlError } from '../control/control-error';
import type { Routes } from '../routes';
import { checkedFields, isCount } from './control-fields';
import type { MetaDefenderSandbox } from './metadefender-sandbox';
import { parseScript } from './parse-script';
import { parseSettings } from './parse-settings';

/**
 * The scanner's part of the control listener, for tests that are written in another language:
 *
 * - `POST /scanner/scripts` `{ match, script }` -> `{ id }`; `DELETE /scanner/scripts/{id}`; `DELETE /scanner/scripts`
 * - `GET /scanner/settings`; `PATCH /scanner/settings` with some of them
 * - `GET /scanner/files`
 * - `POST /scanner/files/{file_id}/{approve|revoke|lift|restore|lock|unlock|remove|publish}`; `lock` takes `{ until }`
 *
 * @param routes - Of a listener that has parsed bodies as JSON.
 */
export function addScannerControl(routes: Routes, scanner: MetaDefenderSandbox): void {
  const scripts = new Map<string, () => void>();
  const { operator } = scanner;

  routes.add('POST', '/scanner/scripts', async (request, response) => {
    const { match, script } = parseScript(request.body);
    const remove = await sensible(() => scanner.script(match, script));
    const id = `script-${scripts.size + 1}`;
    // Removed ones keep their place, so that an id is never given twice.
    scripts.set(id, remove);
    response.json({ id });
  });
  routes.add('DELETE', '/scanner/scripts/{id}', (request, response) => {
    const remove = scripts.get(parameter(request, 'id'));
    if (remove === undefined) throw new ControlError(404, 'There is no script with this id.');
    remove();
    response.json({ removed: true });
  });
  routes.add('DELETE', '/scanner/scripts', (_request, response) => {
    scanner.clearScripts();
    response.json({ removed: true });
  });

  routes.add('GET', '/scanner/settings', (_request, response) => void response.json(scanner.settings));
  routes.add('PATCH', '/scanner/settings', async (request, response) => {
    const change = parseSettings(request.body);
    await sensible(() => scanner.change(change));
    response.json(scanner.settings);
  });

  routes.add('GET', '/scanner/files', (_request, response) => void response.json(scanner.files));
  const actions: Readonly<Record<string, (fileId: string, request: Request) => unknown>> = {
    approve: (fileId) => operator.approve(fileId),
    revoke: (fileId) => operator.revoke(fileId),
    lift: (fileId) => operator.lift(fileId),
    restore: (fileId) => operator.restore(fileId),
    lock: (fileId, request) => operator.lock(fileId, lockEnd(request)),
    unlock: (fileId) => operator.unlock(fileId),
    remove: (fileId) => operator.remove(fileId),
    publish: (fileId) => ({ publicId: operator.publish(fileId) }),
  };
  for (const [name, act] of Object.entries(actions))
    routes.add('POST', `/scanner/files/{file_id}/${name}`, async (request, response) => {
      const fileId = parameter(request, 'file_id');
      const given = await sensible(() => act(fileId, request));
      const file = scanner.files.find((one) => one.fileId === fileId);
      response.json({ ...file, ...(given as object | undefined) });
    });
}

function lockEnd(request: Request): number {
  const { until } = checkedFields(request.body, 'the body', { until: isCount });
  if (until === undefined)
    throw new ControlError(400, '`until` is missing: when the lock ends, in epoch ms.');
  return until as number;
}

function parameter(request: Request, name: string): string {
  return String(request.params[name]);
}

/** What the scanner will not do is the caller's mistake: a file that does not exist, or a number that makes no sense. */
async function sensible<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ControlError) throw error;
    const missing = error instanceof RangeError && error.message.startsWith('The scanner has no file');
    throw new ControlError(missing ? 404 : 400, error instanceof Error ? error.message : String(error));
  }
}
