import type { Request, Response } from 'express';
import type { FrontProxy } from './settings';

const TITLES = {
  413: 'Request Entity Too Large',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
} as const;

/**
 * The reverse proxy in front of the scanner, to be put before all routes. It answers in HTML, and what it refuses
 * never reaches the scanner: such calls are not counted.
 *
 * @param settings - Read at every call.
 * @example
 * app.use(frontProxy(() => settings.proxy));
 */
export function frontProxy(
  settings: () => FrontProxy,
): (request: Request, response: Response, next: () => void) => void {
  return (request, response, next) => {
    const { underscoreHeaders, bodyBytes, down } = settings();
    if (down !== null) {
      refuse(request, response, down);
      return;
    }
    if (bodyBytes !== null && Number(request.headers['content-length'] ?? 0) > bodyBytes) {
      refuse(request, response, 413);
      return;
    }
    if (underscoreHeaders === 'dropped') {
      // nginx: `underscores_in_headers off`, its default, drops them without a word.
      for (const name of Object.keys(request.headers))
        if (name.includes('_')) Reflect.deleteProperty(request.headers, name);
    }
    next();
  };
}

function refuse(request: Request, response: Response, status: keyof typeof TITLES): void {
  const title = `${status} ${TITLES[status]}`;
  // The body is read and dropped, so that a caller that still sends can see the answer.
  request.resume();
  response
    .status(status)
    .set({ Server: 'nginx', 'Content-Type': 'text/html' })
    .send(
      [
        '<html>',
        `<head><title>${title}</title></head>`,
        '<body>',
        `<center><h1>${title}</h1></center>`,
        '<hr><center>nginx</center>',
        '</body>',
        '</html>',
        '',
      ].join('\r\n'),
    );
}
