import fc from 'fast-check';
import { createDueQueue } from './due-queue';

describe('due queue', () => {
  it('gives out what is due, by time and then by the order of adding, and nothing else', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ take: fc.integer({ min: 0, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = createDueQueue<number>();
        // The same thing, done the slow way.
        let model: { due: number; item: number }[] = [];
        steps.forEach((one, item) => {
          if ('add' in one) {
            queue.add(one.add, item);
            model.push({ due: one.add, item });
          } else {
            const [expected] = model
              .filter(({ due }) => due <= one.take)
              .sort((a, b) => a.due - b.due || a.item - b.item);
            const taken = queue.take(one.take);
            expect(taken && { due: taken.due, item: taken.item }).toEqual(expected);
            model = model.filter((entry) => entry !== expected);
          }
          expect(queue.size).toBe(model.length);
        });
      }),
    );
  });
});
