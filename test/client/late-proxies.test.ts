import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isRefusal, start } from './support/credentials.ts';

/** The token that a proxy accepts at a time. Times are in milliseconds after the change. */
type Proxy = (ms: number) => string;

/** Accepts no stored token before this time: the proxy has dropped the old password. */
const learnsAt =
  (learnedMs: number): Proxy =>
  (ms) =>
    ms < learnedMs ? 'none' : 'orders:two';

/** Accepts the old token until this time. */
const forgetsAt =
  (learnedMs: number): Proxy =>
  (ms) =>
    ms < learnedMs ? 'orders:one' : 'orders:two';

const REFUSAL = new Error('401');

const LEARNED: Proxy = () => 'orders:two';

/**
 * A rotation, after its change of the password: AWSPENDING has the new one. The clock is fake.
 *
 * @param readMs How long a read of the secret takes.
 * @param refusalMs How long a proxy takes to check a token.
 */
async function startRotation(readMs = 0, refusalMs: () => number = () => 5) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  // Part of each pause. Rounds at other times would begin while a test changes what they read.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  onTestFinished(() => void vi.useRealTimers());
  const { service, credentials } = await start({ minimumIntervalMs: 250 });
  await service.storePending('v2', 'orders:two');
  service.onRequest = () => {
    service.hold = sleep(readMs);
  };
  const sent: string[] = [];
  const changedAt = performance.now();
  const elapsed = (): number => performance.now() - changedAt;
  /** Calls through a proxy, and resolves to the time of the accepted answer. */
  const call = (proxy: Proxy, workMs = 0, signal?: AbortSignal): Promise<number> => {
    const send = async ({ token }: { token: string }): Promise<number> => {
      sent.push(token);
      await sleep(refusalMs());
      if (token !== proxy(elapsed())) {
        throw REFUSAL;
      }
      await sleep(workMs);
      return elapsed();
    };
    return credentials.use(send, isRefusal, signal);
  };
  const calls = (count: number, proxy: Proxy): Promise<number[]> =>
    Promise.all(Array.from({ length: count }, () => call(proxy)));
  const finish = (): Promise<unknown> => service.secret.promote({ from: 'v1', to: 'v2' });
  return { service, credentials, sent, elapsed, call, calls, finish };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Moves the clock until the promise has settled. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  const end = performance.now() + 120_000;
  while (!isSettled) {
    expect(performance.now()).toBeLessThan(end);
    await vi.advanceTimersByTimeAsync(10);
  }
  return promise;
}

describe.each([1500, 3000, 6000])('with a proxy that learns of a change %d ms late', (lateMs) => {
  it('ten calls at once try few versions', async () => {
    const { finish, sent, calls } = await startRotation(150);
    setTimeout(() => void finish(), 300);
    const times = await settled(calls(10, learnsAt(lateMs)));
    expect(Math.max(...times)).toBeLessThan(lateMs + 3900);
    // Each call is refused once and accepted once. One call tries the versions meanwhile.
    expect(sent.length).toBeLessThan(40);
  });

  it('a call needs no pause that this proxy accepts with AWSPREVIOUS', async () => {
    const { credentials, call, calls, finish, elapsed } = await startRotation();
    await settled(call(LEARNED));
    await finish();
    expect(credentials.current.versionId).toBe('v2');
    for (const startsAt of [500, lateMs]) {
      await vi.advanceTimersByTimeAsync(startsAt - elapsed());
      const times = await settled(calls(10, forgetsAt(lateMs)));
      expect(Math.max(...times)).toBeLessThan(startsAt + 100);
    }
    expect(credentials.current.versionId).toBe('v2');
  });

  it.each([0, 150])('accepted calls of other proxies end no wait, if a read takes %d ms', async (readMs) => {
    const { call, calls, elapsed, finish } = await startRotation(readMs);
    await finish();
    const others = async (): Promise<void> => {
      while (elapsed() < lateMs) {
        await call(LEARNED);
        await sleep(50);
      }
    };
    // The others find the version first.
    await settled(Promise.all([others(), others(), calls(3, learnsAt(lateMs))]));
  });
});

describe('if the cluster accepts no version', () => {
  const NONE: Proxy = () => 'none';

  it('each call fails at the end of its budget, and each later call after one round', async () => {
    const { call, elapsed } = await startRotation();
    await expect(settled(call(NONE))).rejects.toBe(REFUSAL);
    expect(elapsed()).toBeGreaterThan(10_000);
    expect(elapsed()).toBeLessThan(10_200);
    await expect(settled(call(NONE))).rejects.toBe(REFUSAL);
    expect(elapsed()).toBeLessThan(13_500);
  });

  it('no read follows an attempt that outlasts the budget', async () => {
    const { service, call, elapsed } = await startRotation(0, () => 480);
    let lastReadAt = 0;
    service.onRequest = () => {
      lastReadAt = elapsed();
    };
    service.store('v3', 'orders:three');
    await service.storePending('v4', 'orders:four');
    await expect(settled(call(NONE))).rejects.toBe(REFUSAL);
    // The budget begins with the first refusal.
    expect(lastReadAt).toBeLessThan(10_490);
    expect(elapsed()).toBeGreaterThan(10_300);
    expect(elapsed()).toBeLessThan(11_500);
  });

  it.each([
    ['probes in the next round', 1, 0, 1000],
    ['has an attempt of its own before it fails', 15, 10_000, 10_200],
  ])('a call of another proxy %s', async (_title, others, fromMs, toMs) => {
    const { call, calls } = await startRotation();
    const failing = expect(calls(others, NONE)).rejects.toBe(REFUSAL);
    const time = await settled(call(LEARNED));
    expect(time).toBeGreaterThan(fromMs);
    expect(time).toBeLessThan(toMs);
    await settled(failing);
  });

  it('a call that is cancelled in its last attempts makes no other one', async () => {
    const { service, call } = await startRotation();
    service.store('v3', 'orders:three');
    await service.storePending('v4', 'orders:four');
    await expect(settled(call(NONE))).rejects.toBe(REFUSAL);
    const controller = new AbortController();
    let attempts = 0;
    const cancelling: Proxy = () => {
      attempts += 1;
      if (attempts === 2) {
        controller.abort();
      }
      return 'none';
    };
    const calls = [call(NONE), call(cancelling, 0, controller.signal)];
    await settled(Promise.all(calls.map((refused) => expect(refused).rejects.toBe(REFUSAL))));
    expect(attempts).toBe(2);
  });

  it('a call fails at the end of its budget, also if other proxies accept the calls of others', async () => {
    const { call, elapsed } = await startRotation();
    const failing = expect(call(NONE))
      .rejects.toBe(REFUSAL)
      .then(() => elapsed());
    for (let end = false; !end; end = elapsed() > 12_000) {
      await settled(call(LEARNED));
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(await failing).toBeGreaterThan(10_000);
    expect(await failing).toBeLessThan(10_200);
  });
});

describe('the call that probes', () => {
  it('leaves its read to the others at the end of its budget', async () => {
    const { service, call, elapsed } = await startRotation();
    const failed = expect(call(() => 'none'))
      .rejects.toBe(REFUSAL)
      .then(elapsed);
    await vi.advanceTimersByTimeAsync(9500);
    service.onRequest = () => {
      service.hold = sleep(4000);
    };
    service.store('v3', 'orders:three');
    const { length } = service.reads;
    const accepted = call(() => 'orders:three');
    const [failedMs, acceptedMs] = await settled(Promise.all([failed, accepted]));
    expect(failedMs).toBeGreaterThan(10_000);
    expect(failedMs).toBeLessThan(10_020);
    expect(acceptedMs).toBeGreaterThan(13_500);
    expect(acceptedMs).toBeLessThan(14_000);
    expect(service.reads).toHaveLength(length + 1);
  });

  it('goes on with the next version if a refusal takes long', async () => {
    const { service, calls } = await startRotation(0, () => 900);
    service.store('v3', 'orders:three');
    await service.storePending('v4', 'orders:four');
    const times = await settled(calls(3, () => 'orders:four'));
    expect(Math.max(...times)).toBeLessThan(5000);
  });

  it('leaves no timer, which would keep the process alive', async () => {
    const { call } = await startRotation();
    await settled(call(LEARNED));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('brings the version that it finds after a long refusal', async () => {
    const { service, credentials, call } = await startRotation(0, () => 900);
    service.store('v3', 'orders:three');
    await service.storePending('v4', 'orders:four');
    await settled(call(() => 'orders:four'));
    expect(credentials.current.versionId).toBe('v4');
  });

  it('does not bring back its version after its long work if a later version is in use', async () => {
    const { service, credentials, call } = await startRotation();
    const working = call(LEARNED, 8000);
    await vi.advanceTimersByTimeAsync(2000);
    service.store('v3', 'orders:three');
    await settled(credentials.refresh());
    await settled(working);
    expect(credentials.current.versionId).toBe('v3');
  });

  it('is waited for no longer than a refusal takes', async () => {
    const { call, calls } = await startRotation();
    const [, times] = await settled(Promise.all([call(LEARNED, 8000), calls(5, LEARNED)]));
    expect(Math.max(...times)).toBeLessThan(1000);
  });

  it('leaves its version to the others if it fails with another error', async () => {
    const { credentials, calls } = await startRotation();
    const unavailable = new Error('unavailable');
    const failing = credentials.use(
      ({ versionId }) => Promise.reject(versionId === 'v1' ? REFUSAL : unavailable),
      isRefusal,
    );
    const all = Promise.all([expect(failing).rejects.toBe(unavailable), calls(3, LEARNED)]);
    const [, times] = await settled(all);
    expect(Math.max(...times)).toBeLessThan(100);
  });

  it('leaves its read to the next call if it cannot wait for the read', async () => {
    const { credentials, service } = await startRotation(400);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const failing = credentials.use(
      () => Promise.reject(REFUSAL),
      () => true,
      controller.signal,
    );
    await expect(settled(failing)).rejects.toBe(REFUSAL);
    await vi.advanceTimersByTimeAsync(1000);
    expect(credentials.current.versionId).toBe('v2');
    expect(service.reads).toHaveLength(3);
  });
});

describe('calls whose deadline is shorter than a pause', () => {
  it('find a version that a person stores late', async () => {
    const { service, call, elapsed } = await startRotation();
    setTimeout(() => service.store('v3', 'orders:three'), 20_000);
    const untilAccepted = async (): Promise<void> => {
      for (let isAccepted = false; !isAccepted; await sleep(10)) {
        const deadline = new AbortController();
        setTimeout(() => deadline.abort(), 1000);
        const accepted = call(() => 'orders:three', 0, deadline.signal).then(() => true);
        isAccepted = await accepted.catch(() => false);
      }
    };
    await settled(untilAccepted());
    expect(elapsed()).toBeLessThan(24_000);
  });
});

describe('a version', () => {
  it('is found in the next round if AWSCURRENT moves between two reads', async () => {
    const { service, calls, finish } = await startRotation();
    service.onRequest = (request) => {
      if (request === 'GetSecretValue AWSPENDING') {
        service.secret.removePendingByHand();
        void finish();
      }
    };
    expect(Math.max(...(await settled(calls(3, LEARNED))))).toBeLessThan(1000);
  });
});
