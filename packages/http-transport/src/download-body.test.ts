import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { CallScope } from './call-scope';
import { downloadBody } from './download-body';
import type { FailedCall } from './map-failure';
import type { RequestWatch } from './request-watch';

it.each(['read to its end', 'destroyed'])(
  'a body that is %s ends clocks, connection and call, once',
  async (how) => {
    const done: string[] = [];
    const stream = new PassThrough();
    const body = downloadBody({
      size: 1,
      resume: undefined,
      first: {
        stream,
        watch: {
          resumed: () => undefined,
          holdWhile: () => undefined,
          end: () => done.push('watch'),
        } as unknown as RequestWatch,
      },
      scope: {
        interruption: () => undefined,
        onInterrupt: () => () => done.push('listener'),
        end: () => done.push('scope'),
      } as unknown as CallScope,
      call: {} as FailedCall,
    });
    stream.end('x');
    if (how === 'destroyed') body.destroy();
    else body.resume();
    await once(body, 'close');
    expect(done).toEqual(['listener', 'watch', 'scope']);
  },
);
