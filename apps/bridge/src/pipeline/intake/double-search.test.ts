import { buildMessage } from '../../../test/build-message';
import type { Message } from '../../domain/message';
import type { ListedId } from './double-search';
import { createDoubleSearch } from './double-search';

/** An id as it is known: by the gateway's times of its messages, newest last, and copies of the newest. */
function listed(id: string, times: readonly number[], resends = 0): ListedId {
  const known = times.map((gatewayTime, index): Message => ({
    ...buildMessage({ gatewayId: id }),
    gatewayTime,
    resends: index === times.length - 1 ? resends : 0,
  }));
  return { id, known, time: times.length === 0 ? null : Math.max(...times) };
}

const search = (looked = new Map<string, number>()) => createDoubleSearch(looked);

test('a list as it should be: nothing is suspect', () => {
  const { suspects } = search();
  expect(suspects([listed('c', [3]), listed('b', [2])], 2)).toEqual([]);
  expect(suspects([listed('a', [1]), listed('new', [])], 2)).toEqual([]);
});

test('messages of the same instant stand in any order', () => {
  expect(search().suspects([listed('b', [2]), listed('a', [2])], 2)).toEqual([]);
});

describe('more often in the list than it is known', () => {
  test('on two pages', () => {
    const { suspects } = search();
    expect(suspects([listed('a', [3])], 1)).toEqual([]);
    expect(suspects([listed('a', [3])], 1)).toEqual(['a']);
  });

  test('not where it is known as often', () => {
    for (const known of [listed('a', [3], 1), listed('a', [2, 3])]) {
      const { suspects } = search();
      suspects([known], 1);
      expect(suspects([known], 1)).toEqual([]);
    }
  });
});

describe('a page that hides more doubles than are known', () => {
  test('all of it is suspect, since nobody says which it is', () => {
    expect(search().suspects([listed('b', [2]), listed('a', [1])], 3)).toEqual(['b', 'a']);
  });

  test('not where copies explain them', () => {
    expect(search().suspects([listed('b', [2], 1), listed('a', [1])], 3)).toEqual([]);
  });

  test('not while something on it is taken anyway', () => {
    expect(search().suspects([listed('b', []), listed('a', [1])], 3)).toEqual([]);
  });
});

describe('further up than its time allows', () => {
  test('on one page, and over two', () => {
    expect(search().suspects([listed('old', [1]), listed('b', [5]), listed('a', [4])], 3)).toEqual(['old']);
    const { suspects } = search();
    expect(suspects([listed('c', [6]), listed('old', [1])], 2)).toEqual([]);
    expect(suspects([listed('b', [5])], 1)).toEqual(['old']);
  });

  test('one that is known more than once may stand for an older copy, and puts nobody in the wrong', () => {
    expect(search().suspects([listed('b', [3]), listed('twice', [1, 9]), listed('a', [2])], 3)).toEqual([]);
  });
});

test('what was looked at is not suspect again until more of it is known', () => {
  const looked = new Map<string, number>();
  const page = [listed('old', [1]), listed('b', [5])];
  expect(search(looked).suspects(page, 2)).toEqual(['old']);
  expect(search(looked).suspects(page, 2)).toEqual([]);
  expect(search(looked).suspects([listed('old', [1], 1), listed('b', [5])], 2)).toEqual(['old']);
});
