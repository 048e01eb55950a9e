/** Things with a time, given out in the order of their times. */
export interface DueQueue<T> {
  readonly size: number;
  /** `due`: epoch ms. What has the same time comes in the order of adding. */
  add(due: number, item: T): void;
  /** Takes the earliest out if its time has come. */
  take(now: number): { readonly due: number; readonly item: T } | undefined;
}

interface Entry<T> {
  readonly due: number;
  readonly order: number;
  readonly item: T;
}

/**
 * A binary heap: with ten thousand messages waiting, a look at what is due must cost one step and not ten thousand.
 *
 * @example
 * const queue = createDueQueue<string>();
 * queue.add(2_000, 'later');
 * queue.add(1_000, 'sooner');
 * queue.take(1_500); // { due: 1000, item: 'sooner' }
 * queue.take(1_500); // undefined
 */
export function createDueQueue<T>(): DueQueue<T> {
  const heap: Entry<T>[] = [];
  let added = 0;

  /** Whether what stands at `a` comes before what stands at `b`. */
  function before(a: number, b: number): boolean {
    const [first, second] = [heap[a], heap[b]];
    if (first === undefined || second === undefined) return first !== undefined;
    return first.due < second.due || (first.due === second.due && first.order < second.order);
  }

  function swap(a: number, b: number): void {
    const [first, second] = [heap[a], heap[b]];
    if (first === undefined || second === undefined) return;
    heap[a] = second;
    heap[b] = first;
  }

  return {
    get size() {
      return heap.length;
    },
    add(due, item) {
      added += 1;
      heap.push({ due, order: added, item });
      for (let at = heap.length - 1; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!before(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    take(now) {
      const [first] = heap;
      if (first === undefined || first.due > now) return undefined;
      swap(0, heap.length - 1);
      heap.pop();
      for (let at = 0; ;) {
        const left = 2 * at + 1;
        const least = before(left + 1, left) ? left + 1 : left;
        if (!before(least, at)) break;
        swap(least, at);
        at = least;
      }
      return first;
    },
  };
}
