import type { Breaker } from './breaker';

/** As much of a client as is needed to see what its service answers. */
export interface Answering {
  on(
    event: 'response',
    listener: (answer: {
      readonly operation: string;
      readonly status: number;
      readonly host: string;
    }) => void,
  ): () => void;
}

/**
 * Tells a breaker of each answer that its service gives, whoever asked: so a step that uploads for an hour shows after
 * its first chunk that the service is back, and so does a poll. Failures come from the steps: a call tries several times
 * by itself. Addresses of other hosts, such as those of files, say nothing about the service as a whole, but they are the
 * only ones that answer the operation that asks them.
 */
export function feedBreaker(
  client: Answering,
  baseUrl: string,
  { answered, answeredElsewhere }: Pick<Breaker, 'answered' | 'answeredElsewhere'>,
): void {
  const { host: own } = new URL(baseUrl);
  client.on('response', ({ operation, status, host }) => {
    if (status >= 500 || status === 408) return;
    if (host === own) answered(operation);
    else answeredElsewhere(operation);
  });
}
