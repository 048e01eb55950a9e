import { inParallel } from './in-parallel';

test('results stand in the order of the items, and no more are under way than allowed', async () => {
  let underWay = 0;
  let most = 0;
  const results = await inParallel([30, 10, 20, 1], 2, async (ms) => {
    most = Math.max(most, (underWay += 1));
    await new Promise((resolve) => setTimeout(resolve, ms));
    underWay -= 1;
    return ms;
  });
  expect([results, most]).toEqual([[30, 10, 20, 1], 2]);
});

test('a failure is thrown when the others have come to rest, and nothing new is begun after it', async () => {
  const begun: string[] = [];
  const cleanedUp: string[] = [];
  const work = async (name: string): Promise<void> => {
    begun.push(name);
    if (name === 'first') throw new Error('interrupted');
    await new Promise((resolve) => setTimeout(resolve, 20));
    cleanedUp.push(name);
    throw new Error('later');
  };
  await expect(inParallel(['first', 'second', 'third', 'fourth'], 3, work)).rejects.toThrow('interrupted');
  expect(begun).toEqual(['first', 'second', 'third']);
  expect(cleanedUp).toEqual(['second', 'third']);
});
