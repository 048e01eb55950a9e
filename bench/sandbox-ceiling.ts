/**
 * What the sandbox alone can do: it must not be the bottleneck of what is measured against it. Both services run in one
 * process, from the built package, as the command line starts them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sources } from './metadefender-processes';

export interface Ceiling {
  readonly callsPerSecond: readonly { readonly concurrency: number; readonly perSecond: number }[];
  readonly upMbPerSecond: number;
  readonly downMbPerSecond: number;
}

/** Small calls by a fast client, as the bench starts it: URL, path, authorization. */
export type CallMany = (
  url: string,
  path: string,
  authorization: string,
) => Promise<Ceiling['callsPerSecond']>;

interface Facts {
  readonly gateway: string;
  readonly scanner: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
}

const dist = (name: string): string =>
  pathToFileURL(resolve(import.meta.dirname, `../packages/${name}/dist/index.js`)).href;
const uploader = sources(dist('metadefender-mft-client')).bare;
const source = `
const { startAs2GatewaySandbox, startMetaDefenderSandbox } = await import(${JSON.stringify(dist('sandbox'))});
const gateway = await startAs2GatewaySandbox();
const scanner = await startMetaDefenderSandbox({ apiKeys: ['k'], scanTimeMs: 3_600_000 });
const large = { name: 'a.bin', generate: { bytes: Number(process.argv[1]), seed: 1 } };
await gateway.partner('ACME').send({ subject: 'bench', attachments: [large] });
console.log(JSON.stringify({ gateway: gateway.url, scanner: scanner.url, ...gateway.credentials }));
process.stdin.resume().on('end', () => process.exit()); // ends with the bench, however that ends
`;

async function json(url: string, request: RequestInit): Promise<unknown> {
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}`);
  return response.json();
}

/** Seconds in which curl takes a file. */
function fetched(url: string): number {
  const started = performance.now();
  execFileSync('curl', ['-sf', '-o', '/dev/null', url]);
  return (performance.now() - started) / 1000;
}

/** @param file as large as `bytes`; sent in chunks of 10 MiB, four at a time, by bare node:http */
export async function sandboxCeiling(bytes: number, file: string, callMany: CallMany): Promise<Ceiling> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, String(bytes)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const { gateway, scanner, tokenId, tokenSecret } = await new Promise<Facts>((done, failed) => {
      child.stdout.once('data', (data: Buffer) => done(JSON.parse(data.toString()) as Facts));
      child.once('exit', () => failed(new Error('the sandbox did not start')));
    });
    const login = { tokenID: tokenId, tokenSecret };
    const { apiToken } = (await json(`${gateway}/authorize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(login),
    })) as { apiToken: string };
    const asked = { headers: { authorization: apiToken } };
    const { messages } = (await json(`${gateway}/message/inbox`, asked)) as { messages: string[] };
    const id = encodeURIComponent(messages[0] ?? '');
    const { attachments } = (await json(`${gateway}/message/inbox/${id}/attachments`, asked)) as {
      attachments: { url: string }[];
    };
    const mb = bytes / 1e6;
    const downMbPerSecond = mb / fetched(attachments[0]?.url ?? '');

    const upload = [uploader, scanner, file];
    const { seconds } = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', ...upload], { encoding: 'utf8' }),
    ) as { seconds: number };

    return {
      callsPerSecond: await callMany(gateway, `/message/inbox/${id}?markAsRead=false`, apiToken),
      upMbPerSecond: mb / seconds,
      downMbPerSecond,
    };
  } finally {
    child.kill();
  }
}
