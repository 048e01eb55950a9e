import type { SelfTestAnswer } from './self-test';
import { judgeSelfTest } from './self-test';

const answer = (status: SelfTestAnswer['status'], gone = false): SelfTestAnswer => ({
  status,
  gone,
  details: ['said so'],
});
const statuses = ['cleared', 'blocked', 'held', 'pending'] as const;

test.each(
  statuses.flatMap((harmless) =>
    statuses.flatMap((eicar) => [false, true].map((gone) => [harmless, eicar, gone] as const)),
  ),
)('harmless %s, EICAR %s, gone %s', (harmless, eicar, gone) => {
  const wanted = harmless === 'cleared' && eicar !== 'cleared' && (eicar === 'blocked' || gone);
  expect(judgeSelfTest(answer(harmless), answer(eicar, gone)).passed).toBe(wanted);
});

test('says what may be the cause', () => {
  expect(judgeSelfTest(answer('cleared'), answer('cleared'))).toEqual({
    passed: false,
    why: expect.stringMatching(/skip scanning.*licence.*workflow/) as string,
  });
  expect(judgeSelfTest(answer('held'), answer('blocked'))).toEqual({
    passed: false,
    why: expect.stringContaining('held: said so') as string,
  });
});
