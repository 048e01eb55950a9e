import { readFileSync } from 'node:fs';

/** When each transition of one message was committed, epoch ms; of an event that came twice the last time counts. */
export type Transitions = ReadonlyMap<string, number>;

/**
 * Reads the log that the bridge writes anyway, one line per transition, so that measuring adds nothing to what is
 * measured. @returns by the gateway's message id
 */
export function readTransitions(file: string): ReadonlyMap<string, Transitions> {
  const messages = new Map<string, Map<string, number>>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const { time, event, gatewayMessageId: id } = parse(line);
    if (typeof time !== 'string' || typeof event !== 'string' || typeof id !== 'string') continue;
    const known = messages.get(id) ?? new Map<string, number>();
    messages.set(id, known.set(event, Date.parse(time)));
  }
  return messages;
}

/** Lines that say something went wrong: a bench that hides them would measure another thing than it says. */
export function countWarnings(file: string): number {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => ['warn', 'error', 'fatal'].includes(String(parse(line)['level']))).length;
}

/** ms from one event of each message to another; messages that lack one of them are left out. */
export function spans(messages: Iterable<Transitions>, from: string, to: string): number[] {
  return [...messages].flatMap((events) => {
    const [start, end] = [events.get(from), events.get(to)];
    return start === undefined || end === undefined ? [] : [end - start];
  });
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
