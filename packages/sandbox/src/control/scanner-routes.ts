import type { Routes } from '../routes';
import type { FileDescription } from '../scanner/file-matcher';
import type { SettingsChange } from '../scanner/settings';
import type { ControlContext } from './control-context';
import { ControlError } from './control-error';
import { asFields, checked } from './read-body';

/** Of the operator: those that need a file only. */
const ACTIONS = ['approve', 'revoke', 'lift', 'restore', 'unlock', 'remove', 'publish'] as const;

/** `/scanner`: what its administrator sets, what is scripted, and the people at its user interface. */
export function addScannerRoutes(routes: Routes, { scanner, clocks }: ControlContext): void {
  routes.add('GET', '/scanner/settings', (_request, response) => void response.json(scanner.settings));
  routes.add('POST', '/scanner/settings', (request, response) => {
    const change = asFields(request.body);
    for (const name of Object.keys(change))
      if (!Object.hasOwn(scanner.settings, name))
        throw new ControlError(
          400,
          `The scanner has no setting ${name}: there are ${Object.keys(scanner.settings).join(', ')}.`,
        );
    checked(() => scanner.change(change as SettingsChange));
    response.json(scanner.settings);
  });

  routes.add('POST', '/scanner/scripts', (request, response) => {
    const { match, script } = asFields(request.body);
    if (typeof match !== 'string') asFields(match, '`match`');
    // Bytes cannot stand in JSON; everything else is plain data.
    const { base64, ...rest } = asFields(script, '`script`');
    const bytes = typeof base64 === 'string' ? { bytes: Buffer.from(base64, 'base64') } : {};
    checked(() => scanner.script(match as string | FileDescription, { ...rest, ...bytes }));
    response.json({ match, script });
  });
  routes.add('DELETE', '/scanner/scripts', (_request, response) => {
    scanner.clearScripts();
    response.json({});
  });

  routes.add('GET', '/scanner/files', (_request, response) => {
    response.json({ count: scanner.files.length, files: scanner.files });
  });
  for (const action of ACTIONS)
    routes.add('POST', `/scanner/files/{fileId}/${action}`, async (request, response) => {
      const fileId = String(request.params['fileId']);
      response.json({ result: (await operate(() => scanner.operator[action](fileId))) ?? null });
    });
  routes.add('POST', '/scanner/files/{fileId}/lock', async (request, response) => {
    const fileId = String(request.params['fileId']);
    const { forMs } = asFields(request.body);
    if (typeof forMs !== 'number' || !(forMs > 0))
      throw new ControlError(400, '`forMs` must be a number of ms.');
    await operate(() => scanner.operator.lock(fileId, clocks.scanner.now() + forMs));
    response.json({ result: null });
  });
}

async function operate<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ControlError(error instanceof RangeError ? 404 : 409, text);
  }
}
