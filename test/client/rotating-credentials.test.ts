import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RotatingCredentials } from '../../client/index.ts';
import { isRefusal, refuse, requestTo, start } from './support/credentials.ts';

function useFakeClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('use', () => {
  it('goes on with the next label, without a pause, if the first version found is refused too', async () => {
    const { service, use } = await start({ minimumIntervalMs: 3_600_000 });
    const sent: string[] = [];
    service.store('v2', 'orders:wrong');
    await service.storePending('v3', 'orders:three');
    await use('orders:three', sent);
    expect(sent).toEqual(['orders:one', 'orders:wrong', 'orders:three']);
  });

  it('shares one search with all other requests', async () => {
    const { service, credentials, use, events } = await start();
    await service.storePending('v2', 'orders:two');
    await Promise.all(Array.from({ length: 10 }, () => use('orders:two')));
    expect(service.reads.slice(1)).toEqual(['GetSecretValue AWSCURRENT', 'GetSecretValue AWSPENDING']);
    expect(credentials.counters).toMatchObject({ refreshes: 1, refusedCalls: 10, interruptions: 1 });
    expect(events).toEqual([
      { type: 'interrupted', versionId: 'v1' },
      { type: 'refreshed', versionId: 'v2', stage: 'AWSPENDING', cause: 'refusal' },
      { type: 'recovered', versionId: 'v2', durationMs: expect.any(Number) },
    ]);
  });

  it('reads nothing if another request has replaced the refused version', async () => {
    const { service, credentials, use } = await start();
    const { promise: refusal, reject: refuseLate } = Promise.withResolvers<never>();
    const late = credentials.use(
      ({ versionId }) => (versionId === 'v1' ? refusal : Promise.resolve(versionId)),
      isRefusal,
    );
    service.store('v2', 'orders:two');
    await use('orders:two');
    const { length } = service.reads;
    refuseLate(new Error('401'));
    expect(await late).toBe('v2');
    expect(service.reads).toHaveLength(length);
    expect(credentials.counters.interruptions).toBe(1);
  });
});

describe('without an answer of Secrets Manager', () => {
  it('a read fails after 5 seconds', async () => {
    useFakeClock();
    const { service, credentials, events } = await start();
    service.hold = new Promise(() => undefined);
    credentials.refresh().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(5100);
    expect(events).toMatchObject([{ type: 'refresh-failed', error: { code: 'TimeoutError' } }]);
  });

  it.each([2000, 10_000])('refused requests fail at the end of a budget of %d ms', async (budgetMs) => {
    useFakeClock();
    const { service, credentials } = await start({ budgetMs, minimumIntervalMs: 250 });
    service.hold = new Promise(() => undefined);
    const startedAt = performance.now();
    // The second request waits for the search of the first one.
    const failed = [1, 2].map(() =>
      credentials.use(refuse, isRefusal).catch((error: Error) => [error, performance.now() - startedAt]),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    for (const [error, elapsedMs] of (await Promise.all(failed)) as [Error, number][]) {
      expect(elapsedMs).toBeGreaterThan(budgetMs - 10);
      expect(elapsedMs).toBeLessThan(budgetMs + 10);
      expect(error.cause).toMatchObject({ name: 'SecretStoreError', code: 'TimeoutError' });
    }
  });
});

it('a read that has failed is followed by no read of another version in the same round', async () => {
  const { service, credentials } = await start({ budgetMs: 100 });
  service.outage = 'ThrottlingException';
  await expect(credentials.use(refuse, isRefusal)).rejects.toThrow('401');
  expect(service.reads.length).toBeGreaterThan(1);
  expect(new Set(service.reads)).toEqual(new Set(['GetSecretValue AWSCURRENT']));
});

describe('in the background', () => {
  it('follows a rotation also if the last call of an interruption had another error', async () => {
    const { service, credentials } = await start({ backgroundIntervalMs: 20 });
    service.store('v2', 'orders:two');
    const notFound = new Error('no such collection');
    const call = credentials.use(
      ({ token }) => (token === 'orders:two' ? Promise.reject(notFound) : refuse()),
      isRefusal,
    );
    await expect(call).rejects.toBe(notFound);
    service.store('v3', 'orders:three');
    await expect.poll(() => credentials.current.versionId).toBe('v3');
  });

  it('the next version is read before any request is refused, also after failed reads', async () => {
    const { service, credentials, events } = await start({ backgroundIntervalMs: 1 });
    service.outage = 'ThrottlingException';
    await expect.poll(() => credentials.counters.failedRefreshes).toBeGreaterThan(1);
    expect(events[0]).toMatchObject({ type: 'refresh-failed', stage: 'AWSCURRENT', error: { code: service.outage } });
    service.outage = undefined;
    service.store('v2', 'orders_b:two');
    await expect.poll(() => credentials.current.token).toBe('orders_b:two');
    const last = { type: 'refreshed', versionId: 'v2', stage: 'AWSCURRENT', cause: 'background' };
    expect(events.filter(({ type }) => type !== 'refresh-failed')).toEqual([last]);
  });

  it('a refused version is not taken again, which a cancelled rotation leaves as AWSCURRENT', async () => {
    const { service, credentials, use } = await start({ backgroundIntervalMs: 1 });
    await service.storePending('v2', 'orders:two');
    await use('orders:two');
    const { length } = service.reads;
    await expect.poll(() => service.reads.length).toBeGreaterThan(length + 3);
    expect(credentials.current.versionId).toBe('v2');
  });
});

describe('refresh', () => {
  it('takes a version again that the cluster has refused and then accepted', async () => {
    const { service, credentials } = await start();
    service.store('v2', 'orders:two');
    let attempts = 0;
    const acceptSecond = ({ token }: { token: string }): Promise<string> => {
      attempts += token === 'orders:two' ? 1 : 0;
      return requestTo(attempts === 2 ? 'orders:two' : 'none')({ token });
    };
    await credentials.use(acceptSecond, isRefusal);
    service.store('v3', 'orders:three');
    await credentials.refresh();
    service.store('v2', 'orders:two');
    expect((await credentials.refresh()).token).toBe('orders:two');
  });

  it('takes a version that the cluster refused while it was AWSPENDING, which may be before setSecret', async () => {
    const { service, credentials } = await start();
    await service.storePending('v2', 'orders_b:two');
    let attempts = 0;
    await credentials.use(
      async (credential) => await requestTo(++attempts > 2 ? 'orders:one' : '')(credential),
      isRefusal,
    );
    await service.secret.promote({ to: 'v2', from: 'v1' });
    expect((await credentials.refresh()).token).toBe('orders_b:two');
  });

  it('ends the pause of the refused calls', async () => {
    const { service, credentials, use } = await start({ minimumIntervalMs: 3_600_000, budgetMs: 3_600_000 });
    const calls = Array.from({ length: 3 }, () => use('orders:two'));
    await expect.poll(() => service.reads.length).toBe(4);
    service.store('v2', 'orders:two');
    await credentials.refresh();
    expect(await Promise.all(calls)).toEqual(['answer', 'answer', 'answer']);
    expect(service.reads).toHaveLength(5);
  });
});

describe('an answer that another answer has overtaken', () => {
  /** A call that is answered by hand. */
  function answeredLater(credentials: RotatingCredentials) {
    const { promise: answer, resolve: accept } = Promise.withResolvers<void>();
    return { call: credentials.use(() => answer, isRefusal), accept };
  }

  it('accepts a version that was refused to a later call, and ends no interruption', async () => {
    const { service, credentials, events, use } = await start();
    const early = answeredLater(credentials);
    const refused = use('orders:two');
    await expect.poll(() => events.length).toBe(1);
    early.accept();
    await early.call;
    service.store('v2', 'orders:two');
    await refused;
    expect(events.map(({ type }) => type)).toEqual(['interrupted', 'refreshed', 'recovered']);
  });

  it('accepts an older version, and ends no interruption', async () => {
    const { service, credentials, events, use } = await start();
    const early = answeredLater(credentials);
    service.store('v2', 'orders:two');
    await credentials.refresh();
    const late = use('orders:three');
    await expect.poll(() => events.length).toBe(2);
    early.accept();
    await early.call;
    service.store('v3', 'orders:three');
    await late;
    expect(events.map(({ type }) => type)).toEqual(['refreshed', 'interrupted', 'refreshed', 'recovered']);
  });
});

describe('what an application observes', () => {
  it('counts an interruption that has not ended', async () => {
    const { service, credentials, use } = await start();
    const used = use('orders:two');
    await expect.poll(() => credentials.counters.longestInterruptionMs).toBeGreaterThan(20);
    const { interruptions, longestInterruptionMs, totalInterruptionMs } = credentials.counters;
    expect([interruptions, totalInterruptionMs]).toEqual([1, expect.closeTo(longestInterruptionMs, 5)]);
    service.store('v2', 'orders:two');
    await used;
    expect(credentials.counters.interruptions).toBe(1);
    expect(credentials.counters.totalInterruptionMs).toBe(credentials.counters.longestInterruptionMs);
  });

  it('is told once of each interruption that its budget has ended', async () => {
    useFakeClock();
    const { service, credentials, events, use } = await start({ budgetMs: 2000 });
    const fail = async (): Promise<void> => {
      const failed = Promise.allSettled([1, 2].map(() => credentials.use(refuse, isRefusal)));
      await vi.advanceTimersByTimeAsync(60_000);
      await failed;
    };
    await fail();
    await fail();
    service.store('v2', 'orders:two');
    const used = use('orders:two');
    await vi.advanceTimersByTimeAsync(60_000);
    await used;
    await fail();
    const types = events.map(({ type }) => type).filter((type) => type !== 'refreshed');
    expect(types).toEqual(['interrupted', 'budget-ended', 'recovered', 'interrupted', 'budget-ended']);
    expect(events[1]).toMatchObject({ versionId: 'v1', durationMs: expect.any(Number) });
  });
});
