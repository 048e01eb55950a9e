import type { OutcomeRule, Submission } from './message';

/** Whether a rule is about this submit. */
export function outcomeFits(rule: OutcomeRule, given: Submission): boolean {
  const { to, from, messageId, subject, attachment } = rule;
  return (
    (to === undefined || to === given.to) &&
    (from === undefined || from === given.from) &&
    (messageId === undefined || messageId === given.messageId) &&
    (subject === undefined || (given.subject ?? '').includes(subject)) &&
    (attachment === undefined ||
      given.attachments.some(({ name, sha256 }) => name === attachment || sha256 === attachment))
  );
}
