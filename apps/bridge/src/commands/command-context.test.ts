import { processContext } from './command-context';

test('the process ends in time although something keeps it alive', async () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const alive = setInterval(() => undefined, 1_000);
  try {
    processContext().endWithin(1);
    while (exit.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // With the exit code that was set.
    expect(exit.mock.calls).toEqual([[]]);
  } finally {
    clearInterval(alive);
    exit.mockRestore();
  }
});
