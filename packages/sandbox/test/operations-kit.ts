import type { SandboxHandle } from '../src/index';

/** One operation of a service: how to call it, and what shows afterwards that its work was done. */
export interface OperationCase<World> {
  readonly operation: string;
  readonly call: (world: World) => Promise<Response>;
  /** What has to be so before. */
  readonly prepare?: (world: World) => Promise<unknown>;
  /** Of an operation that changes something; undefined for one that only reads. */
  readonly done?: (world: World) => Promise<boolean> | boolean;
  /** Of the call when its answer arrives. Default 200. */
  readonly status?: number;
  /** Of the second call, where the first one has been worked on. Default: as `status`. */
  readonly again?: number;
}

/** All operations that faults can be about, as the service itself names them. */
export function operationsOf({ faults }: Pick<SandboxHandle, 'faults'>): string[] {
  try {
    faults.add({ on: 'no such operation', fault: { kind: 'html' } });
  } catch (error) {
    return (error as Error).message
      .replace(/^.*?: there are /, '')
      .replace(/\.$/, '')
      .split(', ');
  }
  throw new Error('A fault for no operation was taken.');
}

/** The answer is lost, once; the work is done, once; the next call is answered. */
export async function expectLostAnswer<World extends { readonly handle: SandboxHandle }>(
  world: World,
  { operation, prepare, call, done, status = 200, again = status }: OperationCase<World>,
): Promise<void> {
  const { handle } = world;
  await prepare?.(world);
  const phases: string[] = [];
  const over = handle.onCall((event) => {
    if (event.operation === operation) phases.push(event.phase);
  });
  const before = handle.calls[operation] ?? 0;
  expect((await done?.(world)) ?? false).toBe(false);
  const fault = handle.faults.add({ on: operation, fault: { kind: 'lost-answer' }, times: 1 });
  await expect(call(world)).rejects.toThrow('fetch failed');
  expect(fault.hits).toBe(1);
  expect(phases).toEqual(['received', 'cut']);
  over();
  expect((handle.calls[operation] ?? 0) - before).toBe(1);
  if (done !== undefined) expect(await done(world)).toBe(true);
  const second = await call(world);
  await second.arrayBuffer();
  expect(second.status).toBe(again);
  expect(fault.hits).toBe(1);
}
