import { shareLimits } from './share-limits';

function membershipOf(share: number) {
  const listeners: (() => void)[] = [];
  const state = { share };
  return {
    several: true,
    share: () => state.share,
    onChange: (listener: () => void) => void listeners.push(listener),
    become(next: number) {
      state.share = next;
      for (const listener of listeners) listener();
    },
  };
}

test('each bridge keeps its part, from the beginning and whenever it changes', () => {
  const membership = membershipOf(0);
  const setLimit = jest.fn();
  shareLimits(membership, [{ limit: { perSecond: 5, burst: 10 }, keeper: { setLimit } }]);
  expect(setLimit).toHaveBeenLastCalledWith({ perSecond: 0, burst: 0 });
  membership.become(0.5);
  expect(setLimit).toHaveBeenLastCalledWith({ perSecond: 2.5, burst: 5 });
  membership.become(1 / 20);
  expect(setLimit).toHaveBeenLastCalledWith({ perSecond: 0.25, burst: 1 });
});

test('who has the ledger for itself keeps the whole, untouched', () => {
  const setLimit = jest.fn();
  shareLimits({ ...membershipOf(1), several: false }, [
    { limit: { perSecond: 5, burst: 1 }, keeper: { setLimit } },
  ]);
  expect(setLimit).not.toHaveBeenCalled();
});
