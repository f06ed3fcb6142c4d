import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { secretsManagerSource } from '../../client/credential-source.ts';
import {
  type CredentialSource,
  createRotatingCredentials,
  DocumentError,
  type RotatingCredentialsOptions,
  SecretStoreError,
  type SecretVersion,
  type Stage,
} from '../../client/index.ts';
import { isRefusal, requestTo, start } from './support/credentials.ts';
import { SecretService } from './support/secret-service.ts';

const FAILURE = { action: 'GetSecretValue', code: 'AccessDeniedException', explanation: 'no permission' };

const FIRST: SecretVersion = { versionId: '1', value: 'orders:one' };

/** A source of an application, with the versions of a secret. */
function sourceOf(versions: Partial<Record<Stage, SecretVersion>> = { AWSCURRENT: FIRST }) {
  const loads: Stage[] = [];
  const source: CredentialSource = {
    load: (stage) => {
      loads.push(stage);
      return Promise.resolve(versions[stage]);
    },
  };
  return { source, loads, versions };
}

/** Starts with {@link FIRST}. From then on, the source does what the test says. */
async function startChanging(options: RotatingCredentialsOptions = {}) {
  const { source, versions } = sourceOf();
  const changing = { ...source };
  const started = await start({ source: { load: (...given) => changing.load(...given) }, ...options });
  return { ...started, changing, source, versions };
}

describe('a source of the application', () => {
  it('gives the versions, and is closed once', async () => {
    const { source, loads, versions } = sourceOf();
    const close = vi.fn();
    const { credentials, use } = await start({ source: { ...source, close } });
    versions.AWSPENDING = { versionId: '2', value: '{"username":"orders","password":"two"}' };
    expect(await use('orders:two')).toBe('answer');
    expect(loads).toEqual(['AWSCURRENT', 'AWSCURRENT', 'AWSPENDING']);
    credentials.close();
    credentials.close();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('may have only load, and only AWSCURRENT', async () => {
    let versionId = 1;
    const load = (stage: Stage): Promise<SecretVersion | undefined> =>
      Promise.resolve(stage === 'AWSCURRENT' ? { versionId: `${versionId}`, value: `orders:${versionId}` } : undefined);
    const { credentials, use } = await start({ source: { load } });
    versionId = 2;
    expect(await use('orders:2')).toBe('answer');
    versionId = 3;
    expect((await credentials.refresh()).versionId).toBe('3');
  });

  it.each<[string, CredentialSource['load']]>([
    ['rejects', () => Promise.reject(new Error('sealed'))],
    ['throws', () => throws(new Error('sealed'))],
    ['throws a text', () => throws('sealed')],
    ['gives a broken value', () => Promise.resolve({ versionId: '2', value: '{' })],
  ])('that %s for a while fails no call', async (_title, fail) => {
    const { use, events, changing } = await startChanging();
    changing.load = fail;
    const used = use('orders:two');
    await expect.poll(() => events.filter(({ type }) => type === 'refresh-failed').length).toBeGreaterThan(2);
    changing.load = () => Promise.resolve({ versionId: '2', value: 'orders:two' });
    expect(await used).toBe('answer');
    expect(events[1]).toMatchObject({ type: 'refresh-failed', error: expect.any(Error) });
  });

  it.each<[string, CredentialSource['nextRotation']]>([
    ['rejects', () => Promise.reject(new Error('sealed'))],
    ['throws', () => throws(new Error('sealed'))],
    // Nothing checks the type in an application in JavaScript.
    ['gives no date', () => Promise.resolve('soon' as unknown as Date)],
    // As of Temporal, whose objects are no numbers.
    ['gives an object without a number', () => Promise.resolve(Object.create(null))],
  ])('whose nextRotation %s is read in the background', async (_title, nextRotation = throws) => {
    const { source, versions } = sourceOf();
    const { credentials } = await start({ source: { ...source, nextRotation }, backgroundIntervalMs: 1 });
    versions.AWSCURRENT = { versionId: '2', value: 'orders:two' };
    await expect.poll(() => credentials.current.versionId).toBe('2');
  });

  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('already closed'))],
    ['throws', () => throws(new Error('already closed'))],
  ])('whose close %s does not end the process', async (_title, close) => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => warning.mockRestore());
    const { credentials } = await start({ source: { ...sourceOf().source, close } });
    credentials.close();
    await expect.poll(() => warning.mock.calls.length).toBe(1);
  });

  it.each<[string, Stage, CredentialSource['load']]>([
    ['broken', 'AWSCURRENT', () => Promise.resolve({ versionId: '2', value: '{' })],
    ['denied', 'AWSPENDING', () => Promise.reject(new SecretStoreError({ ...FAILURE, kind: 'denied' }))],
  ])('hides no version behind a version that is %s', async (_title, unusable, fail) => {
    const usable = unusable === 'AWSCURRENT' ? 'AWSPENDING' : 'AWSPREVIOUS';
    const { use, changing, source, versions } = await startChanging();
    versions[usable] = { versionId: '3', value: 'orders:three' };
    changing.load = (stage, signal) => (stage === unusable ? fail : source.load)(stage, signal);
    expect(await use('orders:three')).toBe('answer');
  });

  it('is told when nobody waits for its answer any more', async () => {
    const { credentials, changing } = await startChanging();
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    changing.load = (_stage, signal) => {
      signal.addEventListener('abort', () => tell());
      return new Promise(() => undefined);
    };
    const refreshing = credentials.refresh();
    credentials.close();
    await expect(refreshing).rejects.toThrow(SecretStoreError);
    await told;
  });

  it('that answers late does not replace a version that was read later', async () => {
    const late = Promise.withResolvers<SecretVersion>();
    const answers = [Promise.resolve(FIRST), late.promise, Promise.resolve({ versionId: '3', value: 'orders:three' })];
    const { credentials } = await start({ source: { load: () => answers.shift() ?? Promise.reject(new Error()) } });
    const refreshing = credentials.refresh();
    await credentials.refresh();
    late.resolve({ versionId: '2', value: 'orders:two' });
    expect((await refreshing).versionId).toBe('3');
  });

  it('whose versions all fail is the cause of the refusal, with its first failure', async () => {
    const { credentials, use, changing, source } = await startChanging({ budgetMs: 30 });
    changing.load = (stage) => Promise.reject(new SecretStoreError({ ...FAILURE, action: stage, kind: 'denied' }));
    await expect(use('orders:two')).rejects.toMatchObject({ message: '401', cause: { action: 'AWSCURRENT' } });
    changing.load = source.load;
    expect(await use('orders:one')).toBe('answer');
    // This refusal has nothing to do with the earlier failure.
    const later = credentials.use(requestTo('orders:two'), isRefusal, AbortSignal.abort());
    await expect(later).rejects.not.toHaveProperty('cause');
  });

  it('is closed if it has no version AWSCURRENT at the start', async () => {
    const close = vi.fn();
    const creation = createRotatingCredentials({ source: { ...sourceOf({}).source, close } });
    await expect(creation).rejects.toThrow(DocumentError);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it.each<[string, RotatingCredentialsOptions]>([
    ['no secretId and no source', {}],
    ['a secretId and a source', { secretId: 'milvus/orders', ...sourceOf({}) }],
    ['an object without send', { secretId: 'milvus/orders', secretsManager: {} as never }],
  ])('rejects %s', async (_title, options) => {
    await expect(createRotatingCredentials(options)).rejects.toThrow(TypeError);
  });
});

function throws(reason: unknown): never {
  throw reason;
}

describe('Secrets Manager', () => {
  it('may be any object with send, such as a client of another version of the SDK', async () => {
    const { client } = (await start()).service;
    const send = (command: never, options?: never): Promise<unknown> => client.send(command, options);
    const { credentials } = await start({ secretsManager: { send } });
    expect(credentials.current.token).toBe('orders:one');
  });

  it('is asked for AWSPREVIOUS only once if the application may not read this version', async () => {
    const { service, use, events } = await start();
    service.denied = 'AWSPREVIOUS';
    const used = use('orders:two');
    await expect.poll(() => service.reads.length).toBeGreaterThan(8);
    service.store('v2', 'orders:two');
    await used;
    expect(service.reads.filter((read) => read === 'GetSecretValue AWSPREVIOUS')).toHaveLength(1);
    expect(events.map(({ type }) => type)).toEqual(['interrupted', 'refreshed', 'recovered']);
  });

  it('is asked again after a moment in which the credentials of the application had expired', async () => {
    const service = new SecretService();
    const source = secretsManagerSource('milvus/orders', service.client);
    const { signal } = new AbortController();
    service.store('v1', 'orders:one');
    service.store('v2', 'orders:two');
    service.nextRotation = new Date(0);
    service.outage = 'ExpiredTokenException';
    await expect(source.load('AWSPREVIOUS', signal)).rejects.toThrow(SecretStoreError);
    expect(await source.nextRotation?.(signal)).toBeUndefined();
    service.outage = undefined;
    expect(await source.load('AWSPREVIOUS', signal)).toMatchObject({ versionId: 'v1' });
    expect(await source.nextRotation?.(signal)).toEqual(new Date(0));
  });
});
