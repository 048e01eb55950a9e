import type { Answer } from '../../probe/ask';
import { fieldsOf, namesOf, refusalOf } from '../../probe/ask';
import type { Probe } from '../../probe/probe';
import { differs, holds, notTried, untested } from '../../probe/probe';
import type { As2Lab } from './lab';

/** Shapes of other answers, and what cannot be tried. */
export const answerProbes: readonly Probe<As2Lab>[] = [
  notTried(20, 'limit on the size of a submit', 'Messages of many MB would have to be sent.'),
  {
    number: 21,
    question: 'limits on requests',
    late: true,
    run: ({ traffic }) =>
      traffic.throttled === 0
        ? untested(`No 429 or 503 among ${String(traffic.answers)} answers at 5 a second.`)
        : differs(
            `${String(traffic.throttled)} of ${String(traffic.answers)} answers were 429 or 503 at 5 a second.`,
          ),
  },
  {
    number: 22,
    question: 'form of an error',
    async run(lab) {
      const id = `<${lab.tag}@nobody.invalid>`;
      const answer = await lab.asked({ method: 'GET', path: '/message/outbox/{id}', params: { id } });
      const shape = `HTTP ${String(answer.status)} with ${namesOf(answer.body)}`;
      return answer.status === 404 && 'message' in fieldsOf(answer.body)
        ? holds(shape)
        : differs(`${shape} instead of HTTP 404 with { message }.`);
    },
  },
  {
    number: 23,
    question: 'shapes of stations, partners and certificates',
    run: directory,
  },
  notTried(24, 'resend, restore, marking many, webhooks by REST', 'No path for them is known.'),
  notTried(25, 'webhooks', 'They are set up in the console, and call from the outside.'),
  notTried(27, 'attachments after 35 days', 'They would have to be 35 days old.'),
  notTried(28, 'other regions and own hosts', 'One address is tried, the one that was given.'),
];

async function directory(lab: As2Lab) {
  const seen: string[] = [];
  const odd: string[] = [];
  const note = (what: string, asExpected: boolean, how: string): void => {
    seen.push(`${what}: ${how}`);
    if (!asExpected) odd.push(what);
  };
  for (const kind of ['station', 'partner'] as const) {
    const answer = await lab.asked({ method: 'GET', path: `/${kind}` });
    const list = fieldsOf(answer.body)[`${kind}s`];
    const first: unknown = Array.isArray(list) ? list[0] : undefined;
    const known = Array.isArray(list) && (first === undefined || 'identifier' in fieldsOf(first));
    note(`${kind}s`, answer.ok && known, shapeOf(answer, first));
  }
  const list = await lab.asked({ method: 'GET', path: '/certificate' });
  const certificates = Array.isArray(list.body)
    ? (list.body as unknown[])
    : fieldsOf(list.body)['certificates'];
  const first: unknown = Array.isArray(certificates) ? certificates[0] : undefined;
  note('certificates', list.ok && Array.isArray(list.body), shapeOf(list, first));
  const alias = fieldsOf(first)['alias'];
  if (typeof alias === 'string') {
    const one = await lab.asked({ method: 'GET', path: '/certificate/{alias}', params: { alias } });
    note(
      'one certificate',
      one.ok && 'expiryTimestamp' in fieldsOf(one.body),
      one.ok ? namesOf(one.body) : refusalOf(one),
    );
  }
  const detail = `${seen.join('; ')}.`;
  return odd.length === 0 ? holds(detail) : differs(`Other than expected: ${odd.join(', ')}. ${detail}`);
}

function shapeOf(answer: Answer, first: unknown): string {
  if (!answer.ok) return refusalOf(answer);
  return first === undefined
    ? `${namesOf(answer.body)}, empty`
    : `${namesOf(answer.body)} of ${namesOf(first)}`;
}
