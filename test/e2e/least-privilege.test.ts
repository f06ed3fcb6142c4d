import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogStreamsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policyOf } from '../emulator/support/identities.ts';
import { INTERFACE_ACTIONS } from '../emulator/support/probe.ts';
import type { Call } from '../emulator/support/signed-request.ts';
import { type Subscriber, subscribe } from './support/alarm-topic.ts';
import type { Statement } from './support/deployed-policies.ts';
import { LeastPrivilegeCloud } from './support/least-privilege-cloud.ts';
import { denied, moveIntoVpc, PROOFS, SECRETS_OF_PROOFS } from './support/statement-proofs.ts';

const ACTIONS = [
  'DescribeSecret',
  'GetSecretValue',
  'ListSecretVersionIds',
  'PutSecretValue',
  'UpdateSecretVersionStage',
] as const;

const SECRETS = `RotationFunctionRole allows ${ACTIONS.map((action) => `secretsmanager:${action}`).join(' ')}`;
const KEY = 'RotationFunctionRole allows kms:Decrypt kms:GenerateDataKey';
const LOG = 'RotationFunctionRole allows logs:CreateLogStream logs:PutLogEvents';
const NETWORK = `RotationFunctionRole allows ${INTERFACE_ACTIONS.map((action) => `ec2:${action}`).join(' ')}`;
const INVOCATION = 'RotationFunction allows secretsmanager.amazonaws.com lambda:InvokeFunction';

const STEPS_OF_KEY = { Decrypt: 'GetSecretValue', GenerateDataKey: 'PutSecretValue' } as const;

let cloud: LeastPrivilegeCloud;
let inbox: Subscriber;

beforeAll(async () => {
  cloud = await LeastPrivilegeCloud.start();
  const valid = ['everything', 'stranded', 'unnamed', 'other-key', 'no-stream', 'no-lines', ...ACTIONS];
  await cloud.deploy({
    ...Object.fromEntries([...valid, ...Object.keys(STEPS_OF_KEY)].map((name) => [name, 'valid'] as const)),
    lost: 'lost',
    ...SECRETS_OF_PROOFS,
  });
  inbox = await subscribe(cloud.config, cloud.topicArn);
}, 240_000);

afterAll(() => cloud.stop(), 30_000);

describe('with exactly the permissions that are deployed', () => {
  test('a rotation passes, of a secret under a customer managed key, by a function in a VPC', async () => {
    const { KmsKeyId } = await cloud.secretsManager.send(new DescribeSecretCommand({ SecretId: 'milvus/everything' }));
    expect(KmsKeyId).toBe(cloud.secretKeyArn);
    const { VpcConfig } = await cloud.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: cloud.functionArn }),
    );
    expect(VpcConfig).toMatchObject({
      SubnetIds: ['subnet-0123456789abcdef0'],
      SecurityGroupIds: ['sg-0123456789abcdef0'],
    });
    expect(await cloud.rotate('everything')).toBe('rotated');
  });

  test('a rotation that must search all versions passes', async () => {
    await strandPassword('stranded');
    expect(await cloud.rotate('stranded')).toBe('rotated');
  });

  test('a rotation that needs the admin credential passes, which is under a key of its own', async () => {
    expect(await cloud.rotate('lost')).toBe('rotated');
  });
});

describe('the statements that are deployed', () => {
  test('are those that have a proof below, and no others', () => {
    expect(cloud.statements.toSorted()).toEqual(Object.keys(PROOFS).toSorted());
  });

  test.each(Object.entries(PROOFS))('%s, and something fails without', async (name, proof) => {
    await inbox.messages();
    expect(await proof.attempt(cloud, inbox, 'with')).toEqual(proof.with);
    const without = await cloud.withChanged(
      name,
      () => undefined,
      () => proof.attempt(cloud, inbox, 'without'),
    );
    expect(without).toEqual(proof.without);
  });
});

describe('without one action of a statement', () => {
  test.each(ACTIONS)('secretsmanager:%s, a rotation that needs it is denied', async (action) => {
    if (action === 'ListSecretVersionIds') {
      await strandPassword(action);
    }
    expect(await rotateWithout(SECRETS, `secretsmanager:${action}`, action)).toEqual(denied(action));
  });

  test.each(Object.entries(STEPS_OF_KEY))('kms:%s, %s is denied', async (action, call) => {
    expect(await rotateWithout(KEY, `kms:${action}`, action)).toEqual(denied(call));
  });

  test.each([
    ['CreateLogStream', 'no-stream'],
    ['PutLogEvents', 'no-lines'],
  ])('logs:%s, the log stays empty', async (action, name) => {
    const { ending, log } = await cloud.withChanged(LOG, without(`logs:${action}`), () => cloud.rotateAndReadLog(name));
    expect({ ending, log }).toEqual({ ending: 'rotated', log: [] });
  });

  test.each(INTERFACE_ACTIONS)('ec2:%s, Lambda refuses to put the function into its VPC', async (action) => {
    const answer = await cloud.withChanged(NETWORK, without(`ec2:${action}`), () => moveIntoVpc(cloud));
    expect(answer).toBe(`The provided execution role does not have permissions to call ${action} on EC2`);
  });
});

describe('without one secret', () => {
  test('in the permission on secrets, its rotation is denied', async () => {
    const change = (statement: Statement): Statement => ({
      ...statement,
      Resource: [statement.Resource].flat().filter((arn) => !arn.includes(':secret:milvus/unnamed-')),
    });
    expect(await cloud.withChanged(SECRETS, change, () => cloud.rotate('unnamed'))).toEqual(denied('DescribeSecret'));
  });

  test('in the condition of the permission on the key, its value cannot be read', async () => {
    const change = (statement: Statement): Statement => {
      const { StringLike, ...others } = statement.Condition ?? {};
      const arns = [StringLike?.['kms:EncryptionContext:SecretARN'] ?? []].flat();
      const left = arns.filter((arn) => !arn.includes(':secret:milvus/other-key-'));
      expect(left).toHaveLength(arns.length - 1);
      return { ...statement, Condition: { ...others, StringLike: { 'kms:EncryptionContext:SecretARN': left } } };
    };
    expect(await cloud.withChanged(KEY, change, () => cloud.rotate('other-key'))).toEqual(denied('GetSecretValue'));
  });
});

describe('outside of the permissions', () => {
  test('the code of the function can do nothing: no other action on its secrets, no other secret, log or service', async () => {
    const logs = new CloudWatchLogsClient(cloud.config);
    const own = await cloud.logGroupOf(cloud.functionArn);
    const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: own }));
    const another = { logGroupName: 'another', logStreamName: 'stream' };
    await logs.send(new CreateLogGroupCommand(another));
    await logs.send(new CreateLogStreamCommand(another));
    await cloud.createSecret('neighbour');
    const allowed: readonly Call[] = [
      secretsManager('DescribeSecret', { SecretId: 'milvus/everything' }),
      secretsManager('GetSecretValue', { SecretId: 'milvus/everything' }),
      putLogEvents(own, logStreams[0]?.logStreamName ?? ''),
    ];
    const refused: readonly Call[] = [
      ...['DeleteSecret', 'RotateSecret', 'GetResourcePolicy', 'TagResource'].map((action) =>
        secretsManager(action, { SecretId: 'milvus/everything' }),
      ),
      secretsManager('GetSecretValue', { SecretId: 'milvus/neighbour' }),
      secretsManager('DescribeSecret', { SecretId: 'admin' }),
      secretsManager('PutSecretValue', { SecretId: 'admin', SecretString: 'x' }),
      secretsManager('GetRandomPassword', {}),
      secretsManager('ListSecrets', {}),
      putLogEvents(another.logGroupName, another.logStreamName),
      { service: 'ec2', action: 'DescribeInstances' },
      { service: 'lambda', path: `/2015-03-31/functions/${nameOf(cloud.functionArn)}/invocations`, body: {} },
      { service: 'lambda', path: `/2015-03-31/functions/${nameOf(cloud.overdueCheckArn)}/invocations`, body: {} },
    ];
    const answers = await cloud.withOtherCode(async (call) => ({
      allowed: await Promise.all(allowed.map(async (one) => outcome(await call(one)))),
      refused: await Promise.all(refused.map(async (one) => outcome(await call(one)))),
    }));
    expect(answers.allowed).toEqual(allowed.map(() => 'allowed'));
    expect(answers.refused).toEqual(refused.map(() => 'denied'));
  });

  test('the key is of no use to the code of the function but through Secrets Manager', async () => {
    const { ARN: SecretARN = '' } = await cloud.secretsManager.send(
      new DescribeSecretCommand({ SecretId: 'milvus/everything' }),
    );
    // Nothing else about these calls is outside of the permission: the key, the action, the secret.
    const same = { KeyId: cloud.secretKeyArn, EncryptionContext: { SecretARN } };
    const made = await cloud.kms('GenerateDataKey', { ...same, KeySpec: 'AES_256' });
    const { CiphertextBlob } = JSON.parse(made.body) as { CiphertextBlob: string };
    const calls: readonly Call[] = [
      { service: 'kms', target: 'TrentService.Decrypt', body: { ...same, CiphertextBlob } },
      { service: 'kms', target: 'TrentService.GenerateDataKey', body: { ...same, KeySpec: 'AES_256' } },
    ];
    const attempt = (): Promise<readonly string[]> =>
      cloud.withOtherCode((call) => Promise.all(calls.map(async (one) => outcome(await call(one)))));
    expect(await attempt()).toEqual(['denied', 'denied']);

    const unconditioned = (statement: Statement): Statement => {
      const { StringEquals: _, ...others } = statement.Condition ?? {};
      return { ...statement, Condition: others };
    };
    expect(await cloud.withChanged(KEY, unconditioned, attempt)).toEqual(['allowed', 'allowed']);
  });

  test('a secret under the same key that lets the role in is not readable: the key is for the own secrets', async () => {
    await cloud.createSecret('under-our-key');
    await letRoleIn('milvus/under-our-key');
    const read = secretsManager('GetSecretValue', { SecretId: 'milvus/under-our-key' });
    const answer = await cloud.withOtherCode((call) => call(read));
    expect(answer).toMatchObject({ ok: false, body: expect.stringContaining('Access to KMS is not allowed') });
  });

  test("a stranger's secret that lets the role in is refused by the function, admin credential or not", async () => {
    await cloud.createSecret('stranger', 'lost');
    await letRoleIn('milvus/stranger');
    expect(await cloud.rotate('stranger', cloud.functionArn)).toMatchObject({ code: 'SECRET_NOT_CONFIGURED' });
  });

  test('another account cannot have Secrets Manager invoke the function', async () => {
    const stranger = '111122223333';
    const credentials = { accessKeyId: stranger, secretAccessKey: 'test' };
    const theirs = new SecretsManagerClient({ ...cloud.config, credentials, maxAttempts: 1 });
    const { ARN: SecretId } = await theirs.send(new CreateSecretCommand({ Name: 'theirs', SecretString: 'x' }));
    expect(SecretId).toContain(`:${stranger}:`);
    const rotate = (): Promise<string> =>
      theirs.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: cloud.functionArn })).then(
        () => 'started',
        (error: Error) => error.message,
      );
    expect(await rotate()).toContain('Secrets Manager cannot invoke the specified Lambda function');

    const ofAnybody = ({ Condition: _, ...statement }: Statement): Statement => statement;
    expect(await cloud.withChanged(INVOCATION, ofAnybody, rotate)).toBe('started');
  });
});

function rotateWithout(statement: string, action: string, name: string): Promise<unknown> {
  return cloud.withChanged(statement, without(action), () => cloud.rotate(name));
}

function without(action: string): (statement: Statement) => Statement {
  return (statement) => {
    const left = [statement.Action].flat().filter((one) => one !== action);
    expect(left).toHaveLength([statement.Action].flat().length - 1);
    return { ...statement, Action: left };
  };
}

/** Two wrong values on top of the right one leave it without a label: only a list of the versions finds it. */
async function strandPassword(name: string): Promise<void> {
  for (let puts = 0; puts < 2; puts++) {
    const SecretString = JSON.stringify(cloud.valueOf(name));
    await cloud.secretsManager.send(new PutSecretValueCommand({ SecretId: `milvus/${name}`, SecretString }));
  }
}

async function letRoleIn(SecretId: string): Promise<void> {
  const { Role } = await cloud.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: cloud.functionArn }));
  const ResourcePolicy = policyOf([{ Principal: { AWS: Role }, Action: 'secretsmanager:*' }]);
  await cloud.secretsManager.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy }));
}

function secretsManager(action: string, body: object): Call {
  return { service: 'secretsmanager', target: `secretsmanager.${action}`, body };
}

function putLogEvents(logGroupName: string, logStreamName: string): Call {
  const logEvents = [{ timestamp: Date.now(), message: 'a line' }];
  return { service: 'logs', target: 'Logs_20140328.PutLogEvents', body: { logGroupName, logStreamName, logEvents } };
}

function outcome({ ok, body }: { readonly ok: boolean; readonly body: string }): string {
  if (ok) return 'allowed';
  return /AccessDenied|UnauthorizedOperation/.test(body) ? 'denied' : body;
}

function nameOf(functionArn: string): string {
  return functionArn.split(':').at(-1) ?? '';
}
