import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createHash } from 'node:crypto';

/** What the fake daemon was sent: the hash of the stream, and how it was cut into pieces. */
export interface ClamdStream {
  readonly sha256: string;
  readonly bytes: number;
  readonly pieces: number;
}

export interface FakeClamd {
  readonly address: { readonly host: string; readonly port: number };
  readonly streams: readonly ClamdStream[];
  close(): Promise<void>;
}

/**
 * A daemon that speaks clamd's protocol strictly.
 *
 * @param answer - To a whole stream; null says nothing, ever.
 * @param limit - Bytes after which it answers early and hangs up, as above `StreamMaxLength`.
 */
export async function startFakeClamd(
  answer: (content: Buffer) => string | null,
  { limit = Infinity, hangUp = false }: { limit?: number; hangUp?: boolean } = {},
): Promise<FakeClamd> {
  const streams: ClamdStream[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    void talk(socket, streams, answer, limit, hangUp).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    streams,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function talk(
  socket: Socket,
  streams: ClamdStream[],
  answer: (content: Buffer) => string | null,
  limit: number,
  hangUp: boolean,
): Promise<void> {
  let waiting = Buffer.alloc(0);
  const source = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const take = async (bytes: number): Promise<Buffer> => {
    while (waiting.length < bytes) {
      const { value, done } = await source.next();
      if (done === true) throw new Error('The client hung up.');
      waiting = Buffer.concat([waiting, value]);
    }
    const taken = waiting.subarray(0, bytes);
    waiting = waiting.subarray(bytes);
    return taken;
  };
  let command = '';
  for (let byte = await take(1); byte[0] !== 0; byte = await take(1)) command += byte.toString('latin1');
  if (hangUp) return void socket.destroy();
  if (command === 'zPING') return void socket.end('PONG\0');
  if (command === 'zVERSION') return void socket.end('ClamAV 0.0.0-fake\0');
  if (command !== 'zINSTREAM') return void socket.end('UNKNOWN COMMAND\0');
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const length = (await take(4)).readUInt32BE();
    if (length === 0) break;
    bytes += length;
    if (bytes > limit) return void socket.end('INSTREAM size limit exceeded. ERROR\0');
    pieces.push(Buffer.from(await take(length)));
  }
  const content = Buffer.concat(pieces);
  streams.push({ sha256: createHash('sha256').update(content).digest('hex'), bytes, pieces: pieces.length });
  const reply = answer(content);
  if (reply !== null) socket.end(`stream: ${reply}\0`);
}
