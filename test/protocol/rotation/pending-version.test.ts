import { describe, expect, it } from 'vitest';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { readStoredCredential, type UsableCredential } from '../../../protocol/credential/stored-credential.ts';
import { relationOfPending } from '../../../protocol/rotation/pending-version.ts';
import { strategyOf } from '../../../protocol/rotation/strategies/strategies.ts';
import type { Attempt } from '../../../protocol/rotation/strategies/strategy.ts';
import type { Pins } from '../../../protocol/secret/rotated-secrets.ts';
import { document, ENDPOINT, FIRST_PASSWORD, SECOND_USER, USER } from '../../support/rotation-world.ts';

const SINGLE = strategyWith({ endpoint: ENDPOINT, username: USER });
const TWO_USERS = strategyWith({ endpoint: ENDPOINT, usernames: [USER, SECOND_USER] });

function strategyWith(pins: Pins): Pick<Attempt, 'strategy' | 'pins'> {
  return { strategy: strategyOf(pins), pins };
}

function stored(text: string, copies = ''): UsableCredential {
  const options = {
    rules: { allowed: ['127.0.0.1'], allowPlaintext: false },
    configured: ENDPOINT,
    howToConfigure: '',
  };
  return readStoredCredential({ versionId: 'v', text, tags: { 'zilliz:copies': copies } }, options) as UsableCredential;
}

const as = (username: string, password: string, more: object = {}): string => document(password, { username, ...more });

it('a strategy has its name, and says whose password changes', () => {
  const { credentials } = stored(document(FIRST_PASSWORD));
  const next = ({ strategy, pins }: typeof SINGLE, username: string): Credentials =>
    strategy.next({ ...credentials, username }, pins);
  expect([SINGLE.strategy.name, next(SINGLE, USER).username]).toEqual(['single-user', USER]);
  expect(TWO_USERS.strategy.name).toBe('alternating-users');
  expect(next(TWO_USERS, USER)).toEqual({ ...credentials, username: SECOND_USER });
  expect(next(TWO_USERS, SECOND_USER).username).toBe(USER);
});

it.each([
  ['single-user', 'next', as(USER, 'New-1')],
  ['single-user', 'next', as(USER, FIRST_PASSWORD)],
  ['single-user', 'edited', as(USER, 'New-1', { database: 'orders' })],
  ['single-user', 'edited', as(USER, FIRST_PASSWORD, { database: 'orders' })],
  ['single-user', 'foreign', as(SECOND_USER, 'New-1')],
  ['single-user', 'foreign', as(USER, 'New-1', { endpoint: 'http://127.0.0.1:1' })],
  ['alternating-users', 'next', as(SECOND_USER, 'New-1')],
  ['alternating-users', 'edited', as(SECOND_USER, 'New-1', { database: 'orders' })],
  ['alternating-users', 'current', as(USER, FIRST_PASSWORD)],
  ['alternating-users', 'edited', as(USER, FIRST_PASSWORD, { database: 'orders' })],
  ['alternating-users', 'same-user', as(USER, 'New-1')],
  ['alternating-users', 'foreign', as('third', 'New-1')],
  ['alternating-users', 'foreign', as(SECOND_USER, 'New-1', { endpoint: 'http://127.0.0.1:1' })],
] as const)('%s: a pending version is %s: %s', (name, relation, pending) => {
  const strategy = name === 'single-user' ? SINGLE : TWO_USERS;
  expect(relationOfPending({ ...strategy, current: stored(document(FIRST_PASSWORD)), pending: stored(pending) })).toBe(
    relation,
  );
});

it('a plain value whose endpoint is in a tag has the same relation, and another tag makes it foreign', () => {
  const plain = (endpoint: string): UsableCredential => ({
    ...stored(`${USER}:${FIRST_PASSWORD}`),
    credentials: { ...stored(document(FIRST_PASSWORD, { endpoint })).credentials, password: 'New-1' },
  });
  const current = stored(`${USER}:${FIRST_PASSWORD}`);
  expect(relationOfPending({ ...SINGLE, current, pending: plain(ENDPOINT) })).toBe('next');
  expect(relationOfPending({ ...SINGLE, current, pending: plain('http://127.0.0.1:1') })).toBe('foreign');
});

describe('after the owner changed the tag with the copies during the rotation', () => {
  const withCopy = (password: string, host = 'h'): string =>
    as(USER, password, { uri: `milvus://${USER}:${password}@${host}` });

  it.each([
    ['a copy that was declared counts as declared', 'next', withCopy('New-password-1')],
    ['an edit beside the copy counts', 'edited', withCopy('New-password-1', 'edited')],
  ])('%s', (_, relation, pending) => {
    expect(relationOfPending({ ...SINGLE, current: stored(withCopy(FIRST_PASSWORD)), pending: stored(pending) })).toBe(
      relation,
    );
  });

  it('a declared place may hold the name of the other user', () => {
    const names = { nested: { user: SECOND_USER } };
    const current = stored(as(USER, FIRST_PASSWORD, names), 'nested.user');
    expect(
      relationOfPending({ ...TWO_USERS, current, pending: stored(as(SECOND_USER, 'New-1', names), 'nested.user') }),
    ).toBe('next');
  });
});
