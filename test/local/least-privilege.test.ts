import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LeastPrivilegeCloud } from './support/least-privilege-cloud.ts';

/*
 * Not shown here, because the emulator enforces neither: the two actions on the function's own log, which its Lambda writes by
 * itself, and those on KMS keys. test/infra states both statements word for word.
 */

const ACTIONS = [
  'DescribeSecret',
  'GetSecretValue',
  'ListSecretVersionIds',
  'PutSecretValue',
  'UpdateSecretVersionStage',
] as const;

let cloud: LeastPrivilegeCloud;

beforeAll(async () => {
  cloud = await LeastPrivilegeCloud.start();
  const names = ['everything', 'stranded', 'unnamed', ...ACTIONS];
  await Promise.all(names.map((name) => cloud.secretOfUser(name)));
  const lost = ['lost', 'LostWithoutAdmin'];
  await Promise.all(lost.map((name) => cloud.secretOfUser(name, 'Not-the-password-1')));
  await cloud.deploy([...names, ...lost]);
}, 120_000);

afterAll(() => cloud.stop(), 30_000);

describe('with exactly the permissions of its role', () => {
  test('a rotation passes', async () => {
    expect(await cloud.rotate('everything')).toBe('rotated');
  });

  test('a rotation that must search all versions passes', async () => {
    await strandPassword('stranded');
    expect(await cloud.rotate('stranded')).toBe('rotated');
  });

  test('a rotation that needs the admin credential passes', async () => {
    expect(await cloud.rotate('lost')).toBe('rotated');
  });
});

describe('without one permission', () => {
  test.each(ACTIONS)('%s, a rotation that needs it is denied', async (action) => {
    if (action === 'ListSecretVersionIds') {
      await strandPassword(action);
    }
    const without = cloud.policy;
    for (const statement of without.Statement) {
      const allowed = [statement.Action].flat();
      // The admin secret has a statement of its own, with one action.
      statement.Action = allowed.length === 1 ? allowed : allowed.filter((one) => one !== `secretsmanager:${action}`);
    }
    await deniedWith(without, action, action);
  });

  test('to read the admin secret, a rotation that needs it is denied', async () => {
    const without = cloud.policy;
    const others = without.Statement.filter(({ Action }) => [Action].flat().join() !== 'secretsmanager:GetSecretValue');
    expect(others).toHaveLength(without.Statement.length - 1);
    await deniedWith({ ...without, Statement: others }, 'LostWithoutAdmin', 'GetSecretValue');
  });

  test('for one secret, the rotation of that secret is denied', async () => {
    const without = cloud.policy;
    for (const statement of without.Statement) {
      statement.Resource = [statement.Resource].flat().filter((arn) => !arn.includes(':secret:milvus/unnamed-'));
    }
    await deniedWith(without, 'unnamed', 'DescribeSecret');
  });
});

describe('outside of its permissions', () => {
  test('nothing is allowed: no other action on its secrets, no other secret, no other service', async () => {
    await cloud.secretOfUser('neighbour');
    const options = await cloud.optionsWithPermissionsOfRole();
    const twin = new SecretsManagerClient(options);
    const own = { SecretId: 'milvus/everything' };
    await expect(twin.send(new DescribeSecretCommand(own))).resolves.toMatchObject({ Name: 'milvus/everything' });
    const denied = [
      twin.send(new DeleteSecretCommand(own)),
      twin.send(new RotateSecretCommand(own)),
      twin.send(new PutResourcePolicyCommand({ ...own, ResourcePolicy: '{}' })),
      twin.send(new GetSecretValueCommand({ SecretId: 'milvus/neighbour' })),
      twin.send(new DescribeSecretCommand({ SecretId: 'admin' })),
      twin.send(new PutSecretValueCommand({ SecretId: 'admin', SecretString: 'x' })),
      twin.send(new GetRandomPasswordCommand({})),
      new LambdaClient(options).send(new InvokeCommand({ FunctionName: cloud.functionArn })),
    ].map((call) =>
      call.then(
        () => 'allowed',
        (error: Error) => error.name,
      ),
    );
    expect(await Promise.all(denied)).toEqual(denied.map(() => expect.stringMatching(/^AccessDenied/)));
  });

  test("a stranger's secret that lets the role in is refused by the function, admin credential or not", async () => {
    await cloud.secretOfUser('stranger', 'Not-the-password-1');
    await cloud.secretsManager.send(
      new PutResourcePolicyCommand({
        SecretId: 'milvus/stranger',
        ResourcePolicy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { AWS: cloud.roleArn }, Action: 'secretsmanager:*', Resource: '*' },
          ],
        }),
      }),
    );
    expect(await cloud.rotate('stranger', cloud.functionArn)).toMatchObject({ code: 'SECRET_NOT_CONFIGURED' });
  });
});

async function deniedWith(policy: LeastPrivilegeCloud['policy'], name: string, action: string): Promise<void> {
  const complete = cloud.policy;
  await cloud.setPolicy(policy);
  try {
    expect(await cloud.rotate(name)).toMatchObject({
      code: 'SECRETS_MANAGER_DENIED',
      message: expect.stringContaining(`${action} failed with AccessDeniedException`),
    });
  } finally {
    await cloud.setPolicy(complete);
  }
}

/** Two wrong values on top of the right one leave it without a label: only a list of the versions finds it. */
async function strandPassword(name: string): Promise<void> {
  for (let puts = 0; puts < 2; puts++) {
    const SecretString = JSON.stringify(cloud.valueOf(name));
    await cloud.secretsManager.send(new PutSecretValueCommand({ SecretId: `milvus/${name}`, SecretString }));
  }
}
