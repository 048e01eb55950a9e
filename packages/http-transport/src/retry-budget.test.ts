import { createRetryBudget } from './retry-budget';

describe('retry budget', () => {
  it('ends a storm of retries, and comes back by success and by time', () => {
    let now = 0;
    const budget = createRetryBudget({ capacity: 3, perSuccess: 0.5, perSecond: 0.1 }, () => now);
    for (let spent = 0; spent < 3; spent += 1) {
      expect(budget.has()).toBe(true);
      budget.spend();
    }
    expect(budget.has()).toBe(false);
    budget.earn();
    expect(budget.has()).toBe(false);
    budget.earn();
    expect(budget.has()).toBe(true);
    budget.spend();
    now += 9_000;
    expect(budget.has()).toBe(false);
    now += 1_000;
    expect(budget.has()).toBe(true);
  });

  it('never holds more than its capacity, and survives a clock that is set back', () => {
    let now = 1_000_000;
    const budget = createRetryBudget({ capacity: 2, perSecond: 1 }, () => now);
    now += 3_600_000;
    for (let earned = 0; earned < 50; earned += 1) budget.earn();
    budget.spend();
    budget.spend();
    expect(budget.has()).toBe(false);
    now -= 3_600_000;
    expect(budget.has()).toBe(false);
    now += 1_000;
    expect(budget.has()).toBe(true);
  });
});
