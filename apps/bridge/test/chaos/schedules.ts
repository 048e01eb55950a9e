import type { Force } from './force';
import { runSchedule } from './simulation/run-schedule';

/** The stages over a ledger, services and a clock that a seed moves: every order of calls, failures and crashes that it draws. */
export const schedules: Force = {
  name: 'schedules',
  what: 'the state machines with virtual clock, lost answers and crashes in drawn orders',
  full: 100_000,
  short: 5_000,
  async run({ rounds, seed, say, announce }) {
    const violations: string[] = [];
    const sums = { steps: 0, crashes: 0, messages: 0, arrivals: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const report = await runSchedule(seed + round);
      sums.steps += report.steps;
      sums.crashes += report.crashes;
      sums.messages += report.messages;
      sums.arrivals += report.arrivals;
      violations.push(...announce(report.violations.map((one) => `seed ${String(seed + round)}: ${one}`)));
      if ((round + 1) % 10_000 === 0)
        say(`${String(round + 1)} schedules, ${String(violations.length)} violations`);
    }
    const facts = Object.entries(sums).map(([what, count]) => `${String(count)} ${what}`);
    return { rounds, facts: facts.join(', '), violations };
  },
};
