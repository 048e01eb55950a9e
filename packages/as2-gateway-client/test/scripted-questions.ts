import type { As2GatewayClient, As2GatewayClientOptions } from '../src/index';
import { startScriptedGateway } from './scripted-gateway';
import type { Answer, ScriptedGateway, Seen } from './scripted-gateway';

/** The id that the answers below are about. */
export const id = '<1@mftgateway.com>';
/** A message to be sent. */
export const message = {
  from: 'HUB',
  to: 'ACME',
  attachments: [{ name: 'a.xml', content: Buffer.from('<a/>') }],
};
/** What the inbox answers for the id. */
export const inbound = { identifier: id, senderIdentifier: 'ACME', receiverIdentifier: 'HUB' };
/** What a submit answers. */
export const queued: Answer = { status: 202, json: { messageIdentifier: id } };

type Script = (request: Seen, count: number) => Answer | undefined;

/** What a list answers. */
export function page(...messages: unknown[]): Answer {
  return { json: { messages } };
}

/** Answers one call, and no other. */
export function on(call: string, answer: Answer): (request: Seen) => Answer | undefined {
  return (seen) => (seen.call === call ? answer : undefined);
}

/** An empty inbox. */
export const list = on('GET /message/inbox', page());

/** Starts servers for the tests of a group, and closes them after each. */
export function scriptedServers(): (
  answer: Script,
  options?: Partial<As2GatewayClientOptions>,
  login?: () => Answer,
) => Promise<{ server: ScriptedGateway; gateway: As2GatewayClient }> {
  const open: ScriptedGateway[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });
  return async (answer, options, login) => {
    const server = await startScriptedGateway(answer, login);
    open.push(server);
    return { server, gateway: server.connect(options) };
  };
}
