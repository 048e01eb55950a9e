import { NotFoundError } from '@mft-bridge/http-transport';
import fc from 'fast-check';
import type { InboxQuery } from '../operations/inbox';
import { drainInbox } from './drain-inbox';
import type { DrainedMessage } from './drain-inbox';
import type { Inbox } from './inbox';

/** An inbox that behaves as the reference says: the unread set shrinks while it is drained. */
function createBox(count: number) {
  const unread = Array.from({ length: count }, (_, index) => `<${String(index)}@x>`);
  const broken = new Set<string>();
  const partial: Pick<Inbox, 'list' | 'get' | 'attachments' | 'markRead'> = {
    list: ({ page = 0, pageLength = 10, unreadOnly, sort }: InboxQuery = {}) => {
      expect({ unreadOnly, sort }).toEqual({ unreadOnly: true, sort: 'asc' });
      const ids = unread.slice(page * pageLength, (page + 1) * pageLength);
      return Promise.resolve({ ids, received: ids.length });
    },
    get: (id, options) => {
      expect(options?.markAsRead).toBe(false);
      if (!unread.includes(id)) return Promise.reject(notFound('inbox.get'));
      return Promise.resolve({ id, station: 'HUB', partner: 'ACME', attachmentNames: [], raw: {} });
    },
    attachments: (id) =>
      broken.has(id)
        ? Promise.reject(notFound('inbox.attachments'))
        : Promise.resolve({ total: 0, attachments: [] }),
    markRead: (id) => {
      const index = unread.indexOf(id);
      if (index >= 0) unread.splice(index, 1);
      return Promise.resolve({ id, station: 'HUB', partner: 'ACME', attachmentNames: [], raw: {} });
    },
  };
  return { unread, broken, inbox: partial as Inbox };
}

function notFound(operation: string): NotFoundError {
  return new NotFoundError({
    message: 'Message not found',
    operation,
    outcome: 'rejected',
    status: 404,
    method: 'GET',
    path: '/message/inbox/{id}',
    headers: {},
    attempts: 1,
  });
}

async function collect(messages: AsyncIterable<DrainedMessage>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of messages) ids.push(id);
  return ids;
}

describe('a drain', () => {
  it('serves each message once, oldest first, whatever is acknowledged and when', async () => {
    const decision = fc.constantFrom<'now' | 'later' | 'never'>('now', 'later', 'never');
    await fc.assert(
      fc.asyncProperty(fc.nat(450), fc.infiniteStream(decision), async (count, decisions) => {
        const { unread, inbox } = createBox(count);
        const all = [...unread];
        const served: string[] = [];
        const left: string[] = [];
        let waiting: DrainedMessage[] = [];
        for await (const message of drainInbox(inbox)) {
          served.push(message.id);
          const choice = decisions.next().value;
          if (choice === 'never') left.push(message.id);
          if (choice === 'later') waiting.push(message);
          if (choice === 'now') {
            await message.acknowledge();
            for (const each of waiting) await each.acknowledge();
            waiting = [];
          }
        }
        for (const each of waiting) await each.acknowledge();
        expect(served).toEqual(all);
        expect(unread).toEqual(left);
      }),
      { numRuns: 50 },
    );
  });

  it('goes past a hundred that the caller could not take', async () => {
    const { unread, inbox } = createBox(230);
    expect(await collect(drainInbox(inbox))).toEqual(unread);
  });

  it('skips and doubles nothing when acknowledging fails, now and then or for the whole first hundred', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 101, max: 320 }),
        fc.infiniteStream(fc.boolean()),
        async (count, fails) => {
          const { unread, inbox } = createBox(count);
          const all = [...unread];
          const left: string[] = [];
          const failing: Inbox = {
            ...inbox,
            markRead: (id) =>
              left.includes(id) ? Promise.reject(new Error('the gateway is away')) : inbox.markRead(id),
          };
          const served: string[] = [];
          for await (const message of drainInbox(failing)) {
            served.push(message.id);
            if (served.length <= 100 || fails.next().value) {
              left.push(message.id);
              await expect(message.acknowledge()).rejects.toThrow('the gateway is away');
            } else await message.acknowledge();
          }
          expect(served).toEqual(all);
          expect(unread).toEqual(left);
          // They come again in the next drain, and in the same order.
          expect(await collect(drainInbox(inbox))).toEqual(left);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('keeps to its station and partner where the service did not filter', async () => {
    const { unread, inbox } = createBox(3);
    const mixed: Inbox = {
      ...inbox,
      get: async (id, options) => ({
        ...(await inbox.get(id, options)),
        partner: id === '<1@x>' ? 'ACME' : 'OTHER',
      }),
    };
    expect(await collect(drainInbox(mixed, { station: 'HUB', partner: 'ACME' }))).toEqual(['<1@x>']);
    expect(await collect(drainInbox(mixed, { station: 'ELSEWHERE' }))).toEqual([]);
    expect(unread).toHaveLength(3);
  });

  it('ends at once when its signal is aborted, and can still acknowledge what was served', async () => {
    const { unread, inbox } = createBox(3);
    const controller = new AbortController();
    const heeding: Inbox = {
      ...inbox,
      get: (id, options) => {
        options?.signal?.throwIfAborted();
        return inbox.get(id, options);
      },
      markRead: (id, options) => {
        options?.signal?.throwIfAborted();
        return inbox.markRead(id);
      },
    };
    const served: DrainedMessage[] = [];
    const draining = (async () => {
      for await (const message of drainInbox(heeding, {
        signal: controller.signal,
        onUnreadable: () => undefined,
      })) {
        served.push(message);
        controller.abort();
      }
    })();
    await expect(draining).rejects.toMatchObject({ name: 'AbortError' });
    await served[0]!.acknowledge();
    expect(unread).toEqual(['<1@x>', '<2@x>']);
  });

  it('misses nothing when messages are acknowledged while the pages are walked', async () => {
    const { unread, inbox } = createBox(201);
    const all = [...unread];
    const served: DrainedMessage[] = [];
    let walks = 0;
    const racing: Inbox = {
      ...inbox,
      async list(query) {
        const page = await inbox.list(query);
        // The third walk finds its first page served; then 150 messages leave, and the last one moves up, past the walk.
        if (query?.page === 0 && (walks += 1) === 3)
          for (const each of served.slice(0, 150)) await each.acknowledge();
        return page;
      },
    };
    for await (const message of drainInbox(racing)) served.push(message);
    expect(served.map(({ id }) => id)).toEqual(all);
  });

  it('serves what arrives while it runs', async () => {
    const { unread, inbox } = createBox(2);
    const served: string[] = [];
    for await (const message of drainInbox(inbox)) {
      served.push(message.id);
      if (served.length === 1) unread.push('<late@x>');
      await message.acknowledge();
    }
    expect(served).toEqual(['<0@x>', '<1@x>', '<late@x>']);
  });

  it('ends with the error of a message that cannot be read, or goes on where told so', async () => {
    const { unread, broken, inbox } = createBox(3);
    broken.add('<1@x>');
    await expect(collect(drainInbox(inbox))).rejects.toThrow('Message not found');
    const unreadable: string[] = [];
    const ids = await collect(drainInbox(inbox, { onUnreadable: (id) => unreadable.push(id) }));
    expect(ids).toEqual(['<0@x>', '<2@x>']);
    expect(unreadable).toEqual(['<1@x>']);
    expect(unread).toContain('<1@x>');
  });

  it('passes by what was deleted since the list', async () => {
    const { unread, inbox } = createBox(2);
    const served: string[] = [];
    for await (const { id } of drainInbox(inbox)) {
      served.push(id);
      unread.length = 0;
    }
    expect(served).toEqual(['<0@x>']);
  });
});
