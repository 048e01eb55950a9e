/** Where the gateway keeps what came in with one message: AS2/files/STATION/PARTNER/inbox/STAMP/name. */
const root = 'AS2/files/';
const partsOfFolder = 6;

/**
 * Whether addresses of attachments can be those of a message with these storage paths. The gateway knows ids only: a
 * partner that uses an id again between two calls makes the second one speak of another message, perhaps of another
 * partner. What is not of the known form says nothing, and passes. Pure.
 */
export function maybeSameUpload(paths: unknown, urls: readonly string[]): boolean {
  const strings = Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
  const folders = new Set(strings.map(folderOf).filter((folder) => folder !== undefined));
  if (folders.size === 0) return true;
  return urls.every((url) => {
    const folder = folderOf(pathOf(url));
    return folder === undefined || folders.has(folder);
  });
}

function folderOf(path: string): string | undefined {
  const start = path.indexOf(root);
  if (start === -1) return undefined;
  const parts = path.slice(start).split('/');
  return parts.length <= partsOfFolder ? undefined : parts.slice(0, partsOfFolder).join('/');
}

function pathOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return '';
  }
}
