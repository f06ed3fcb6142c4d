import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type CredentialEvent,
  createRotatingCredentials,
  EndpointChangedError,
  type RefreshOptions,
} from '../../../client/index.ts';
import { CredentialReader } from '../../../client/refresh/credential-reader.ts';
import { secretsManagerSource } from '../../../client/source/secrets-manager-source.ts';
import { SecretService } from '../support/secret-service.ts';

async function start(options: RefreshOptions = {}) {
  const service = new SecretService();
  const events: CredentialEvent[] = [];
  service.store('v1', 'orders:one');
  const credentials = await createRotatingCredentials({
    secretId: 'milvus/orders',
    secretsManager: service.client,
    minimumIntervalMs: 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => credentials.close());
  return { service, credentials, events };
}

/** A service that accepts one token, and answers 401 otherwise. */
function requestTo(accepted: string, sent: string[] = []) {
  return async ({ token }: { token: string }): Promise<string> => {
    sent.push(token);
    await Promise.resolve();
    if (token !== accepted) {
      throw new Error('401');
    }
    return 'answer';
  };
}

const isRefusal = (error: unknown): boolean => (error as Error).message === '401';

describe('use', () => {
  it('repeats a refused request with the next credential of the secret', async () => {
    const { service, credentials } = await start();
    const sent: string[] = [];
    await service.storePending('v2', 'orders:two');
    expect(await credentials.use(requestTo('orders:two', sent), isRefusal)).toBe('answer');
    expect(sent).toEqual(['orders:one', 'orders:two']);
  });

  it('throws every other error unchanged, and reads nothing', async () => {
    const { service, credentials } = await start();
    const error = new Error('500');
    await expect(credentials.use(() => Promise.reject(error), isRefusal)).rejects.toBe(error);
    expect(service.reads).toHaveLength(1);
  });

  it('throws the refusal when its signal ends the wait', async () => {
    const { service, credentials } = await start();
    const controller = new AbortController();
    service.hold = new Promise(() => undefined);
    const use = credentials.use(requestTo('orders:two'), isRefusal, controller.signal);
    await expect.poll(() => service.reads.length).toBe(2);
    controller.abort();
    await expect(use).rejects.toThrow('401');
  });
});

describe('without Secrets Manager', () => {
  it.each(['ThrottlingException', 'InternalServiceError'])('requests go on from memory: %s', async (outage) => {
    const { service, credentials, events } = await start({ backgroundIntervalMs: 1 });
    service.outage = outage;
    await expect.poll(() => events.length).toBeGreaterThan(1);
    expect(await credentials.use(requestTo('orders:one'), isRefusal)).toBe('answer');
    expect(events[0]).toMatchObject({ type: 'refresh-failed', stage: 'AWSCURRENT', error: { code: outage } });
    expect(credentials.counters.failedRefreshes).toBeGreaterThan(0);
  });

  it('a refused request waits until it answers again', async () => {
    const { service, credentials, events } = await start({ budgetMs: 3_600_000 });
    service.outage = 'ThrottlingException';
    const use = credentials.use(requestTo('orders:two'), isRefusal);
    await expect.poll(() => events.filter(({ type }) => type === 'refresh-failed').length).toBeGreaterThan(3);
    service.store('v2', 'orders:two');
    service.outage = undefined;
    expect(await use).toBe('answer');
  });
});

describe('in the background', () => {
  it('the next version is read before any request is refused', async () => {
    const { service, credentials, events } = await start({ backgroundIntervalMs: 1 });
    service.store('v2', 'orders_b:two');
    await expect.poll(() => credentials.current.token).toBe('orders_b:two');
    expect(events).toEqual([{ type: 'refreshed', versionId: 'v2', stage: 'AWSCURRENT', cause: 'background' }]);
  });

  it('a refused version is not taken again, which a cancelled rotation leaves as AWSCURRENT', async () => {
    const { service, credentials } = await start({ backgroundIntervalMs: 1 });
    await service.storePending('v2', 'orders:two');
    await credentials.use(requestTo('orders:two'), isRefusal);
    const { length } = service.reads;
    await expect.poll(() => service.reads.length).toBeGreaterThan(length + 3);
    expect(credentials.current.versionId).toBe('v2');
  });

  it('a version of another endpoint is never taken, because the connections lead to the first', async () => {
    const { service, credentials, events } = await start({ backgroundIntervalMs: 1 });
    service.store('v2', '{"endpoint":"https://milvus.test","username":"orders","password":"two"}');
    await expect.poll(() => events.length).toBeGreaterThan(0);
    expect(events[0]).toMatchObject({ type: 'refresh-failed', error: expect.any(EndpointChangedError) });
    expect(credentials.current.versionId).toBe('v1');
  });
});

describe('the time of the next read in the background', () => {
  async function delay(service: SecretService, intervalMs: number): Promise<number> {
    const source = secretsManagerSource('milvus/orders', service.client);
    const reader = new CredentialReader(source, new AbortController().signal, () => undefined);
    return reader.backgroundDelayMs(intervalMs);
  }

  it('is before the next rotation', async () => {
    const service = new SecretService();
    service.nextRotation = new Date(Date.now() + 20 * 60_000);
    const ms = await delay(service, 3_600_000);
    expect(ms).toBeGreaterThan(7 * 60_000);
    expect(ms).toBeLessThanOrEqual(10 * 60_000);
  });

  it.each([
    ['there is no schedule', undefined],
    ['the next rotation is overdue', new Date(Date.now() - 60_000)],
  ])('is the interval if %s, with jitter', async (_title, nextRotation) => {
    const service = new SecretService();
    service.nextRotation = nextRotation;
    const delays = await Promise.all(Array.from({ length: 20 }, () => delay(service, 1000)));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1000);
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  it('is the interval if the application may not see the schedule, and asks only once', async () => {
    const service = new SecretService();
    service.maySeeSchedule = false;
    const source = secretsManagerSource('milvus/orders', service.client);
    const reader = new CredentialReader(source, new AbortController().signal, () => undefined);
    expect(await reader.backgroundDelayMs(1000)).toBeGreaterThanOrEqual(800);
    expect(await reader.backgroundDelayMs(1000)).toBeLessThanOrEqual(1000);
    expect(service.requests).toEqual(['DescribeSecret']);
  });
});
