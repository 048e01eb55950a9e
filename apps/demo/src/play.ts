import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LiveView } from './live-view';
import type { Row, SentScene } from './rows';
import { drawRows } from './rows';
import type { Scene } from './scenario';
import type { DemoStage } from './stage';

const redrawMs = 150;

export interface PlayOptions {
  readonly stage: DemoStage;
  readonly scenes: readonly Scene[];
  readonly view: LiveView;
  /** End as soon as every row is final; else only `stop()` ends it. */
  readonly untilFinal: boolean;
  readonly timeoutMs: number;
  readonly footer: () => string;
}

export interface Play {
  readonly finished: Promise<readonly Row[]>;
  sendFile(path: string): Promise<void>;
  pauseDrawing(paused: boolean): void;
  stop(): void;
}

/** Sends the scenes and redraws until it ends. */
export function startPlay({ stage, scenes, view, untilFinal, timeoutMs, footer }: PlayOptions): Play {
  const sent: SentScene[] = scenes.map((scene) => ({ scene, attachments: null }));
  let rows = drawRows(sent, undefined);
  let stopped = false;
  let paused = false;
  let files = 0;

  async function send(position: number): Promise<void> {
    const scene = scenes[position];
    if (scene === undefined) return;
    const { attachments } = await stage.sandbox.send(scene);
    sent[position] = { scene, attachments };
  }

  /** Each scene in its order; what uses an id again, when the copy before it was taken: the gateway shows the newest alone. */
  async function sendAll(): Promise<void> {
    const positions = [...scenes.keys()];
    const again = positions.filter((position) => earlierCopy(position) >= 0);
    await Promise.all([
      sendInOrder(positions.filter((position) => !again.includes(position))),
      sendInOrder(again),
    ]);
  }

  async function sendInOrder(positions: readonly number[]): Promise<void> {
    for (const position of positions) {
      const earlier = earlierCopy(position);
      while (isRunning() && earlier >= 0 && rows[earlier]?.final !== true) await pause();
      if (!isRunning()) return;
      await send(position);
    }
  }

  function earlierCopy(position: number): number {
    const id = scenes[position]?.messageId;
    return scenes.findLastIndex(({ messageId }, index) => index < position && messageId === id);
  }

  const isRunning = (): boolean => !stopped;

  async function draw(): Promise<readonly Row[]> {
    const until = Date.now() + timeoutMs;
    while (!stopped && Date.now() < until) {
      rows = drawRows(sent, await stage.view());
      if (!paused) view.show(rows, footer());
      if (untilFinal && rows.every(({ final }) => final)) break;
      await pause();
    }
    stopped = true;
    return rows;
  }

  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, redrawMs));
  const drawing = draw();
  const sending = sendAll();

  return {
    finished: (async () => {
      // A sandbox that cannot be reached ends the demo with its error, not with a picture that never changes.
      try {
        await Promise.all([drawing, sending]);
      } finally {
        stopped = true;
      }
      return drawing;
    })(),
    async sendFile(path) {
      const content = await readFile(path);
      files += 1;
      const scene = {
        title: `your file ${basename(path)}`,
        partner: 'GLOBEX' as const,
        messageId: `<your-file-${String(files)}-${String(Date.now())}@globex.example>`,
        subject: basename(path),
        expected: null,
      };
      const position = sent.push({ scene, attachments: null }) - 1;
      const attachments = [{ name: basename(path), base64: content.toString('base64') }];
      sent[position] = {
        scene,
        attachments: (await stage.sandbox.send({ ...scene, attachments })).attachments,
      };
    },
    pauseDrawing(value) {
      paused = value;
    },
    stop() {
      stopped = true;
    },
  };
}
