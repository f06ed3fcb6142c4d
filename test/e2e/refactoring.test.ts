import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PROJECT } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import {
  currentPassword,
  expectRotated,
  newUserWithSecret,
  rotateToItsEnd,
  rotationSettles,
  storePassword,
} from '../support/deployed-rotation.ts';
import { DeployedStack } from '../support/deployed-stack.ts';
import { newClusterUser, secretsManager, servers, uniqueName } from '../support/servers.ts';

const app = mkdtempSync(join(servers().access.stateDir, 'refactoring-'));
const stack = new DeployedStack([], {}, app);
const schedule = 'rate(7 days)';
const created = uniqueName('zilliz/created');
/** The names of the other secrets, by what happens to their rotation. */
const names = { renamed: '', moved: '', byArn: '' };
/** The cluster user of each secret. */
const users = new Map<string, Credentials>();

beforeAll(async () => {
  for (const key of ['renamed', 'moved', 'byArn'] as const) {
    const { secret, user } = await newUserWithSecret('tls');
    names[key] = secret;
    users.set(secret, user);
  }
  users.set(created, await newClusterUser('tls'));
  stack.entries = [{ name: names.byArn, schedule }];
  await deploy({ refactored: 'no', createdIs: 'new' });
  await storePassword(created, users.get(created)?.password ?? '');
  await expectRotations();
});

describe('a created secret that moves to another stack', () => {
  test('fails the deployment while it is written as new, and every rotation and the password stay', async () => {
    await expect(deploy({ refactored: 'yes', createdIs: 'new' })).rejects.toThrow(
      `the secret ${created} already exists`,
    );
    await expectRotations();
    expect(await currentPassword(created)).toBe(users.get(created)?.password);
  });
});

describe('a deployment that refactors', () => {
  beforeAll(async () => {
    const { ARN = '' } = await secretsManager().describeSecret({ SecretId: names.byArn });
    stack.entries = [{ arn: ARN, schedule }];
    await deploy({ refactored: 'yes', createdIs: 'existing' });
  });

  test.each([
    ['a renamed construct', () => names.renamed],
    ['a construct that moved to a stack that is deployed first', () => names.moved],
    ['an entry with arn instead of name', () => names.byArn],
    ['a created secret that moved and is written as existing', () => created],
  ])('keeps the rotation of %s, and it rotates', async (_, secretOf) => {
    const secret = secretOf();
    const user = users.get(secret) as Credentials;
    await expectRotation(secret);
    expect(await currentPassword(secret)).toBe(user.password);
    await rotateToItsEnd(secret);
    await expectRotated(secret, user);
  });
});

/** Deploys the app, and waits until Secrets Manager has tested each schedule. */
async function deploy(step: { readonly refactored: string; readonly createdIs: string }): Promise<void> {
  const { endpoint, username } = users.get(created) as Credentials;
  const context = { ...step, ...names, created, endpoint: endpoint.url, username };
  const command = `node ${join(PROJECT, 'test', 'e2e', 'support', 'refactored-app.ts')}`;
  writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: command, context }));
  try {
    await stack.deploy();
  } finally {
    await Promise.allSettled([...users.keys()].map((secret) => rotationSettles(secret)));
  }
}

async function expectRotations(): Promise<void> {
  await Promise.all([...users.keys()].map(expectRotation));
}

async function expectRotation(SecretId: string): Promise<void> {
  const described = await secretsManager().describeSecret({ SecretId });
  expect(described, SecretId).toMatchObject({
    RotationEnabled: true,
    RotationLambdaARN: stack.functionArn,
    RotationRules: { ScheduleExpression: schedule },
  });
  expect(described.DeletedDate).toBeUndefined();
}
