import type { Stage } from '../domain/message-event';

/** What the steps of a service are told apart by, where it does one thing and fails at another. */
export type Lane = Stage | 'upload';

/** What a lane asks of its service, in the words of a sentence. */
const words: Record<Lane, string> = {
  acknowledge: 'marking as read',
  upload: 'uploads',
  scan: 'questions for verdicts',
  decide: 'decisions',
  deliver: 'submissions',
  confirm: 'questions about submissions',
  dispose: 'deletions',
  reconcile: 'searches',
  command: 'commands',
};

export const laneWords = (lane: Lane): string => words[lane];
