import { describe, expect, it } from 'vitest';
import { Journal } from '../../client/credential-events.ts';
import { secretsManagerSource } from '../../client/credential-source.ts';
import { EndpointChangedError } from '../../client/index.ts';
import { VersionReader } from '../../client/version-reader.ts';
import { start } from './support/credentials.ts';
import { SecretService } from './support/secret-service.ts';

describe('the endpoint of a later version', () => {
  const FIRST = 'https://milvus.test:19530';

  /** The first version has no endpoint, and the second one has {@link FIRST}. */
  async function startAt() {
    const { service, credentials } = await start();
    const store = (versionId: string, endpoint: string, password: string): void =>
      service.store(versionId, JSON.stringify({ endpoint, username: 'orders', password }));
    store('v2', FIRST, 'two');
    await credentials.refresh();
    return { credentials, store };
  }

  it.each([
    ['a trailing slash', `${FIRST}/`],
    ['other letters', FIRST.toUpperCase()],
    ['a dot at its end', 'https://milvus.test.:19530'],
  ])('may have %s', async (_title, endpoint) => {
    const { credentials, store } = await startAt();
    store('v3', endpoint, 'three');
    expect((await credentials.refresh()).token).toBe('orders:three');
  });

  it('must name the same cluster, because the connections lead to the first one', async () => {
    const { credentials, store } = await startAt();
    store('v3', 'https://two.test:19530', 'three');
    await expect(credentials.refresh()).rejects.toThrow(EndpointChangedError);
  });
});

describe('the time of the next read in the background', () => {
  function readerOf(service: SecretService): VersionReader {
    const source = secretsManagerSource('milvus/orders', service.client);
    return new VersionReader(source, new Journal(() => undefined), true);
  }

  it('is before the next rotation', async () => {
    const service = new SecretService();
    service.nextRotation = new Date(Date.now() + 20 * 60_000);
    const ms = await readerOf(service).backgroundDelayMs(3_600_000);
    expect(ms).toBeGreaterThan(7 * 60_000);
    expect(ms).toBeLessThanOrEqual(10 * 60_000);
  });

  it.each([
    ['there is no schedule', undefined],
    ['the next rotation is overdue', new Date(Date.now() - 60_000)],
  ])('is the interval if %s, with jitter', async (_title, nextRotation) => {
    const service = new SecretService();
    service.nextRotation = nextRotation;
    const reader = readerOf(service);
    const delays = await Promise.all(Array.from({ length: 20 }, () => reader.backgroundDelayMs(1000)));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1000);
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  it('is the interval if the application may not see the schedule, and asks only once', async () => {
    const service = new SecretService();
    service.maySeeSchedule = false;
    const reader = readerOf(service);
    expect(await reader.backgroundDelayMs(1000)).toBeGreaterThanOrEqual(800);
    expect(await reader.backgroundDelayMs(1000)).toBeLessThanOrEqual(1000);
    expect(service.requests).toEqual(['DescribeSecret']);
  });
});
