import { beforeEach, describe, expect, it } from 'vitest';
import { formatPins, type Pins } from '../../../protocol/secret/rotated-secrets.ts';
import { InMemorySecret } from '../../support/in-memory-secret.ts';
import { Fixture } from '../support/command-fixture.ts';
import { A, B, currentDocument } from '../support/init-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD } from '../support/rotations.ts';

const ELSEWHERE = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';
const PINS: Pins = { endpoint: ENDPOINT, username: A };
const KEY = JSON.stringify({ endpoint: ENDPOINT, apiKeyId: 'key-1', apiKey: 'k3y', note: 'of a key' });

const of = (username: string): string => documentOf('Stored-1', { username, note: `of ${username}` });
const at = (endpoint: string): string => documentOf('Stored-1', { endpoint, note: `at ${endpoint}` });

let fixture: Fixture;

beforeEach(() => {
  fixture = new Fixture();
  fixture.cluster.addUser(A, NEW_PASSWORD).addUser(B, NEW_PASSWORD);
  fixture.passwords.push(NEW_PASSWORD, NEW_PASSWORD);
});

/** Stores these values one after the other. The last one is AWSCURRENT. */
function store(values: readonly string[], pins: Pins = {}): void {
  fixture.aws.add('orders', '', { store: new InMemorySecret('orders') });
  for (const [index, value] of values.entries()) {
    fixture.aws.secret('orders').store.storeByHand(`v${index}`, value);
  }
  fixture.aws.environment['SECRET_TARGETS'] = formatPins({ orders: pins });
}

const lineWith = (options: string): string[] => ['init', 'orders', '--yes', ...options.split(' ').filter(Boolean)];

describe('init', () => {
  it.each<[versions: string, values: string[], pins: Pins, options: string, kept: object]>([
    ['the newest one', [of(B), of(A)], {}, '', { username: A, note: 'of app' }],
    ['no API key', [of(A), KEY], {}, '', { username: A, note: 'of app' }],
    ['one of the named user', [of(A), of(B)], {}, `--username ${A}`, { username: A, note: 'of app' }],
    ['one of the pinned user', [of(A), of(B)], { username: A }, '', { username: A, note: 'of app' }],
    ['one of the named users', [of(A), of(B), of('search')], {}, `--users ${A},${B}`, { username: B, note: `of ${B}` }],
    [
      'one of the named endpoint',
      [at(ENDPOINT), at(ELSEWHERE)],
      {},
      `--endpoint ${ENDPOINT}`,
      { endpoint: ENDPOINT, note: `at ${ENDPOINT}` },
    ],
    [
      'one of the pinned endpoint',
      [at(ENDPOINT), at(ELSEWHERE)],
      { endpoint: ENDPOINT },
      '',
      { endpoint: ENDPOINT, note: `at ${ENDPOINT}` },
    ],
    ['none of another endpoint', [at(ELSEWHERE)], { endpoint: ENDPOINT, username: A }, '', { endpoint: ENDPOINT }],
  ])('makes AWSCURRENT from the earlier versions after a wrong value: %s', async (_, values, pins, options, kept) => {
    store([...values, 'garbage'], pins);

    const { code, out } = await fixture.run(lineWith(options));

    expect(code, out).toBe(0);
    expect(currentDocument(fixture)).toMatchObject({ ...kept, password: NEW_PASSWORD });
  });

  it.each<[what: string, values: string[], pins: Pins, options: string, kept: object]>([
    ['the cluster and user of the configuration', [], PINS, '', { username: A }],
    [
      'the named cluster, because another configuration may be deployed later',
      [],
      { endpoint: ELSEWHERE, username: A },
      `--endpoint ${ENDPOINT}`,
      { endpoint: ENDPOINT },
    ],
    ['the user in AWSCURRENT, if the second user is named first', [of(A)], {}, `--users ${B},${A}`, { username: A }],
  ])('stores %s', async (_, values, pins, options, kept) => {
    store(values, pins);

    const { code, out } = await fixture.run(lineWith(options));

    expect(code, out).toBe(0);
    expect(currentDocument(fixture)).toMatchObject({ ...kept, password: NEW_PASSWORD });
  });

  const switchAuthorizationOff = (): unknown => Object.assign(fixture.cluster, { authorization: false });
  const disconnect = (): unknown => Object.assign(fixture.cluster, { reachable: false });

  it.each<[what: string, expected: string, values: string[], pins: Pins, options: string, happen?: () => unknown]>([
    [
      'two other users than the configured ones',
      '5 other-users-configured',
      [of(A)],
      { usernames: [A, B] },
      `--users ${A},search`,
    ],
    [
      'a copy of the password in the version before a wrong value',
      '5 stale-copies',
      [documentOf('Stored-1', { jdbc: 'jdbc:x?Stored-1' }), 'garbage'],
      {},
      '',
    ],
    ['a cluster that checks no password', '3 authorization-off', [of(B)], PINS, '', switchAuthorizationOff],
    ['a cluster that does not answer', '7 undecided', [of(B)], PINS, '', disconnect],
  ])('asks for no password and changes nothing for %s: %s', async (_, expected, values, pins, options, happen) => {
    store(values, pins);
    happen?.();

    expect(await fixture.fail(...lineWith(options))).toBe(expected);
    expect(fixture.passwordQuestions).toEqual([]);
    expect(fixture.aws.calls.filter((call) => /^(put|promote|addLabel)/.test(call))).toEqual([]);
  });
});
