import { beforeEach, describe, expect, it } from 'vitest';
import { AWSCURRENT, sentLabel } from '../../../protocol/secret/versions.ts';
import { Fixture, GENERATED_ID } from '../support/command-fixture.ts';
import {
  A,
  ADD_SECOND,
  addSecretOfFirstUser,
  B,
  currentDocument,
  TWO_NEW,
  validTokens,
} from '../support/init-fixture.ts';
import { addAdmin } from '../support/repair-fixture.ts';
import { replace } from '../support/replace.ts';
import { documentOf, ENDPOINT, GENERATED_PASSWORD, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = new Fixture();
});

const OF_SECOND_USER = documentOf(GENERATED_PASSWORD, {
  username: B,
  note: 'survives',
});

describe('init of a second user for a secret in use', () => {
  beforeEach(() => {
    addSecretOfFirstUser(fixture, OLD_PASSWORD);
  });

  it('stores the credential with a sent label, creates the user with the roles of the first, and keeps AWSCURRENT', async () => {
    const { store } = fixture.aws.secret('orders');

    const { code, document } = await fixture.runJson(...ADD_SECOND, '--yes');

    expect(code).toBe(0);
    expect(store.holder(AWSCURRENT)).toBe('orders-v1');
    const { versions } = await store.describe();
    const added = versions.find(({ versionId }) => versionId.startsWith(GENERATED_ID));
    expect(added?.labels).toEqual([sentLabel(added?.versionId ?? '')]);
    expect(JSON.parse(store.valueOf(added?.versionId ?? '') ?? '')).toEqual(JSON.parse(OF_SECOND_USER));
    expect(fixture.adminCluster.roles.get(B)).toEqual(['reader']);
    expect(validTokens(fixture)).toEqual([`${A}:${OLD_PASSWORD}`, `${B}:${GENERATED_PASSWORD}`].toSorted());
    expect(document.entry).toBe(`- name: orders\n  endpoint: ${ENDPOINT}\n  usernames: [${A}, ${B}]\n`);
  });

  it('takes the password of a second user that exists, without an admin', async () => {
    fixture.cluster.addUser(B, NEW_PASSWORD).roles = { [A]: ['reader'], [B]: ['writer'] };
    fixture.passwords.push(NEW_PASSWORD);

    const { code } = await fixture.run([...ADD_SECOND.slice(0, -2), '--yes']);

    expect(code).toBe(0);
    expect(validTokens(fixture)).toHaveLength(2);
  });

  it('adds the label that the credential of the second user lacks', async () => {
    const { store } = fixture.aws.secret('orders');
    await store.put({ versionId: 'by-hand', value: OF_SECOND_USER, labels: [] });
    fixture.cluster.addUser(B, GENERATED_PASSWORD).roles = { [A]: ['reader'], [B]: ['reader'] };

    expect((await fixture.run([...ADD_SECOND, '--yes'])).code).toBe(0);
    expect(store.labelsOf('by-hand')).toEqual([sentLabel('by-hand')]);
    expect(fixture.adminCluster.requests).toEqual([]);
  });

  it('ends at Ctrl-C after a step, says what remains, and continues the next time', async () => {
    replace(fixture.adminCluster, 'createUser', (createUser) => async (...args) => {
      fixture.interruption.abort();
      return await createUser(...args);
    });
    const { code, document } = await fixture.runJson(...ADD_SECOND, '--yes');

    expect([code, document.error.code]).toEqual([130, 'interrupted']);
    expect(document.error.advice).toContain(B);
  });
});

it('an API key of an admin creates two users, and is never stored or printed', async () => {
  addAdmin(fixture);
  const { store } = fixture.aws.secret('zilliz-admin');
  store.storeByHand('key', JSON.stringify({ endpoint: ENDPOINT, apiKey: 'k3y-of-an-admin' }));
  fixture.adminCluster.admins.clear();
  fixture.adminCluster.admins.add('k3y-of-an-admin');

  const { code, out, err } = await fixture.run([...TWO_NEW, '--yes']);

  expect(code).toBe(0);
  expect(currentDocument(fixture)).toEqual(JSON.parse(documentOf(GENERATED_PASSWORD)));
  expect(validTokens(fixture)).toEqual([A, B].map((username) => `${username}:${GENERATED_PASSWORD}`));
  expect([out, err, ...fixture.aws.secret('orders').store.values].join('')).not.toContain('k3y-of-an-admin');
});

it.each([
  ['deployed', [A, B], [], false],
  ['not deployed yet', undefined, [], true],
  ['not known', [A, B], ['GetFunctionConfiguration'], true],
])('the entry is printed unless the function rotates both users: %s', async (_, usernames, denied, isPrinted) => {
  addSecretOfFirstUser(fixture, OLD_PASSWORD);
  fixture.aws.secret('orders').rotationFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';
  Object.assign(fixture.aws.secret('orders').store, { rotationEnabled: true, lastRotatedAt: fixture.clock.now() });
  fixture.aws.environment['SECRET_TARGETS'] = JSON.stringify({
    orders: usernames ? { endpoint: ENDPOINT, usernames } : { username: A },
  });
  for (const action of denied) {
    fixture.aws.failing.set(action, 'access-denied');
  }

  const { out } = await fixture.run([...ADD_SECOND, '--yes']);

  expect([out.includes('secrets:'), out.includes('`zilliz-rotation rotate orders`')]).toEqual([isPrinted, true]);
});
