import { expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING } from '../../protocol/secret/versions.ts';
import { awsErrorOf } from '../support/aws-errors.ts';
import { ENDPOINT, SECOND_USER, USER } from '../support/rotation-world.ts';
import { addAdmin } from './support/repair-fixture.ts';
import { replace } from './support/replace.ts';
import { documentOfSecondUser, rotated, SECRET, secret, useWorld, world } from './support/secret-fixture.ts';

useWorld('two');

// Commands on a secret of two users, when a request that they need has no answer for a moment.

const SENT = 'Sent-password-1';
const CHANGED = documentOfSecondUser(SENT);

/** A cancelled rotation has set the password in AWSPENDING, and no sent label is on its version. */
async function cancelAfterChange(): Promise<void> {
  secret.store.startRotation('token-1');
  await secret.store.put({ versionId: 'token-1', value: CHANGED, labels: [AWSPENDING] });
  world.cluster.setByHand(SECOND_USER, SENT);
}

it.each([['repair', '--admin-secret', 'zilliz-admin'], ['init']])(
  '%s keeps a label on the only accepted password of a user that only AWSPENDING names',
  async (command, ...more) => {
    await cancelAfterChange();
    const { aws, cluster, passwords } = world;
    aws.failing.set('GetFunctionConfiguration', 'access-denied');
    cluster.setByHand(USER, 'Console-1');
    passwords.push('Console-1');
    addAdmin(world, ENDPOINT);

    const { code, out } = await world.run([command, SECRET, ...more, '--yes']);

    expect(code, out).toBe(0);
    expect(secret.store.holder(AWSPENDING)).toBeUndefined();
    expect(secret.store.labelledValues).toContain(CHANGED);
  },
);

it('repair keeps that label if the login with a wrong password gets no answer', async () => {
  await cancelAfterChange();
  const { cluster } = world;
  replace(
    cluster,
    'authenticates',
    (authenticates) => async (credentials) =>
      credentials.username === SECOND_USER && credentials.password !== SENT
        ? { kind: 'forbidden' }
        : await authenticates(credentials),
  );

  await world.run(['repair', SECRET, '--yes']);

  expect(secret.store.labelledValues).toContain(CHANGED);
});

it.each([2, 3])('rotate --both-users rotates both if read %i of the configuration fails', async (failing) => {
  const { readFunction } = world.aws;
  let reads = 0;
  world.aws.readFunction = async (arn) => {
    reads += 1;
    if (reads === failing) {
      throw awsErrorOf('unreachable', 'GetFunctionConfiguration');
    }
    return await readFunction(arn);
  };
  const before = { ...world.cluster.passwords };

  await world.run(['rotate', SECRET, '--both-users', '--yes']);

  for (const user of [USER, SECOND_USER]) {
    expect(world.cluster.passwordOf(user)).not.toBe(before[user]);
  }
});

it('rotate names the user that still logs in if the answer of RotateSecret is lost', async () => {
  const { rotation } = world.aws;
  replace(rotation, 'startRotation', (startRotation) => async (...args) => {
    rotation.startRotation = startRotation;
    await startRotation(...args);
    throw awsErrorOf('unreachable', 'RotateSecret');
  });

  const { out } = await world.run(['rotate', SECRET]);

  expect(rotated.usernameIn(AWSCURRENT)).toBe(SECOND_USER);
  expect(out.replaceAll(/\s+/g, ' ')).toContain(`The credential of ${USER} still logs in`);
});
