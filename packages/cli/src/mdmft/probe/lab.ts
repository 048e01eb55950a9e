import { randomUUID } from 'node:crypto';
import type { Transport } from '@mft-bridge/http-transport';
import { createTransport, staticSession } from '@mft-bridge/http-transport';
import type { FileNameEncoding, FileStatus, Verdict } from '@mft-bridge/metadefender-mft-client';
import {
  errorKey,
  evaluateVerdict,
  isNotFoundError,
  MetaDefenderClient,
} from '@mft-bridge/metadefender-mft-client';
import { egressOf } from '../../credentials/connection-options';
import { Untested } from '../../probe/probe';
import { createUndoList } from '../../probe/undo-list';
import type { UndoList } from '../../probe/undo-list';
import { createTraffic } from '../../probe/watch-traffic';
import type { Traffic } from '../../probe/watch-traffic';
import { cliVersion } from '../../program';
import type { Run } from '../../run-command';
import type { Login } from '../choose-auth';
import type { MdmftOptions } from '../mdmft-options';

/** What became of a file that a probe uploaded. `verdict` is undefined where the server no longer knows it. */
export interface Scanned {
  readonly fileId: string;
  readonly verdict: Verdict | undefined;
  readonly status: FileStatus | undefined;
}

/** Everything that the probes share. */
export interface MdLab {
  readonly run: Run;
  readonly options: MdmftOptions;
  readonly url: string;
  /** Name part of all that is made at the server. */
  readonly tag: string;
  readonly login: Login | undefined;
  /** A long-lived key or that of a session; a secret. Undefined where the login was refused. */
  readonly key: string | undefined;
  readonly keyKind: 'api-key' | 'session';
  /** The answer to the login that the run began with. */
  readonly loginAnswer: unknown;
  /** What the server said instead of beginning a session. */
  readonly loginRefusal: string | undefined;
  readonly raw: Transport;
  readonly undo: UndoList;
  readonly traffic: Traffic;
  readonly states: Set<string>;
  readonly eicar: boolean;
  client(names?: FileNameEncoding): MetaDefenderClient;
  /** Uploads, waits until the file is decided, and deletes it at the end of the run. */
  scan(name: string, content: Buffer, names?: FileNameEncoding): Promise<Scanned>;
  /** Deletes a file at the end of the run. */
  forget(fileId: string): void;
  /** As `scan`, made once: a text that nobody objects to. */
  harmless(): Promise<Scanned>;
  close(): Promise<void>;
}

/** What is known when the run begins. */
export interface LabStart {
  readonly url: string;
  readonly key: string | undefined;
  readonly keyKind: 'api-key' | 'session';
  readonly login: Login | undefined;
  readonly loginAnswer: unknown;
  readonly loginRefusal: string | undefined;
  readonly eicar: boolean;
  readonly timeoutMs: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** The server deletes what a broken run left. */
const EXPIRES_MS = 3_600_000;

export async function createMdLab(run: Run, options: MdmftOptions, start: LabStart): Promise<MdLab> {
  const { url, timeoutMs } = start;
  const key = start.key ?? '';
  const egress = await egressOf(run, options, 'MDMFT_PROXY');
  const traffic = createTraffic();
  const undo = createUndoList(run);
  const clients = new Map<FileNameEncoding, MetaDefenderClient>();
  const states = new Set<string>();
  const common = {
    baseUrl: url,
    egress,
    allowInsecureHttp: options.insecureHttp,
    userAgent: `mdmft-probe/${cliVersion}`,
    now: run.now,
    sleep: run.sleep,
  };
  const raw = createTransport({
    ...common,
    operationsPrefix: '/vault_rest',
    ...(key === '' ? {} : { session: staticSession({ name: 'authorization', value: `Bearer ${key}` }) }),
  });
  traffic.watch(raw);
  let harmless: Promise<Scanned> | undefined;

  const lab: MdLab = {
    ...start,
    run,
    options,
    tag: `mft-probe-${randomUUID().slice(0, 8)}`,
    raw,
    undo,
    traffic,
    states,
    client(names = 'ascii') {
      const known = clients.get(names);
      if (known !== undefined) return known;
      const made = new MetaDefenderClient({ ...common, auth: { apiKey: key }, fileNames: names });
      traffic.watch(made);
      clients.set(names, made);
      return made;
    },
    async scan(name, content, names) {
      const client = lab.client(names);
      const { fileId } = await client.uploads.uploadFile(content, {
        fileName: name,
        expiresAfterMs: EXPIRES_MS,
        signal: run.signal,
      });
      lab.forget(fileId);
      return { fileId, ...(await decided(run, client, fileId, states, timeoutMs)) };
    },
    forget: (fileId) =>
      undo.add(`the file ${fileId}`, async () => {
        try {
          await lab.client().files.delete(fileId);
        } catch (error) {
          // The page of this call knows no 404.
          if (errorKey(error) !== 'API_CANNOTDELETEFILENOTFOUND') throw error;
        }
      }),
    harmless: () =>
      (harmless ??= lab.scan(`${lab.tag}.txt`, Buffer.from(`A harmless line of text, ${lab.tag}.\n`))),
    async close() {
      await Promise.all([raw.close(), ...[...clients.values()].map((client) => client.close())]);
    },
  };
  return lab;
}

/** Own looks, not the client's wait: the states in between are what is to be seen. */
async function decided(
  run: Run,
  client: MetaDefenderClient,
  fileId: string,
  states: Set<string>,
  timeoutMs: number,
): Promise<Pick<Scanned, 'verdict' | 'status'>> {
  const deadline = run.now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    try {
      const status = await client.files.status(fileId, { signal: run.signal });
      states.add(status.availabilityState);
      const verdict = evaluateVerdict(status);
      if (verdict.status !== 'pending') return { status, verdict };
    } catch (error) {
      if (!isNotFoundError(error)) throw error;
      return { status: undefined, verdict: undefined };
    }
    if (run.now() >= deadline)
      throw new Untested('The scanner did not decide within the time; --timeout gives more.');
    await run.sleep(pause, run.signal);
  }
}
