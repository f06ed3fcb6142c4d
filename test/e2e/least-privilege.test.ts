import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policyOf } from '../emulator/support/identities.ts';
import type { Call } from '../emulator/support/signed-request.ts';
import { entriesWith } from '../support/function-log.ts';
import { awsOptions } from '../support/servers.ts';
import { KEY_CHANGED, KEY_COMMANDS } from './runbook/key-changed.ts';
import { runbookBlock } from './runbook/page.ts';
import { type Subscriber, subscribe } from './support/alarm-topic.ts';
import { runAws } from './support/aws-command.ts';
import type { Statement } from './support/deployed-policies.ts';
import { LeastPrivilegeCloud } from './support/least-privilege-cloud.ts';
import { denied, PROOFS, SECRETS_OF_PROOFS } from './support/statement-proofs.ts';

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
const INVOCATION = 'RotationFunction allows secretsmanager.amazonaws.com lambda:InvokeFunction';

/** The action of Secrets Manager that needs each action of KMS. */
const CALLS_OF_KEY_ACTIONS = { Decrypt: 'GetSecretValue', GenerateDataKey: 'PutSecretValue' } as const;

let cloud: LeastPrivilegeCloud;
let subscriber: Subscriber;

beforeAll(async () => {
  cloud = await LeastPrivilegeCloud.start();
  const valid = ['everything', 'unlabelled', 'unnamed', 'other-key', 'no-stream', 'no-lines', 'new-key', ...ACTIONS];
  await cloud.deploy({
    ...Object.fromEntries([...valid, ...Object.keys(CALLS_OF_KEY_ACTIONS)].map((name) => [name, 'valid'] as const)),
    lost: 'lost',
    ...SECRETS_OF_PROOFS,
  });
  subscriber = await subscribe(cloud.config, cloud.topicArn);
});

afterAll(() => cloud.stop());

describe('with the deployed permissions', () => {
  test('a function rotates a secret with a customer managed key', async () => {
    const { KmsKeyId } = await cloud.secretsManager.describeSecret({ SecretId: 'milvus/everything' });
    expect(KmsKeyId).toBe(cloud.secretKeyArn);
    expect(await cloud.rotate('everything')).toBe('rotated');
  });

  test('a rotation finds the password in a version without a label', async () => {
    await storeTwoWrongValues('unlabelled');
    expect(await cloud.rotate('unlabelled')).toBe('rotated');
  });

  test('a rotation resets a password with the admin credential, which has its own key', async () => {
    expect(await cloud.rotate('lost')).toBe('rotated');
  });
});

describe('the deployed statements', () => {
  test('are exactly the statements with a proof', () => {
    expect(cloud.statements.toSorted()).toEqual(Object.keys(PROOFS).toSorted());
  });

  test.each(Object.entries(PROOFS))('%s, and the result differs without this statement', async (name, proof) => {
    await subscriber.messages();
    expect(await proof.attempt(cloud, subscriber, 'with')).toEqual(proof.with);
    const without = await cloud.withChanged(
      name,
      () => undefined,
      () => proof.attempt(cloud, subscriber, 'without'),
    );
    expect(without).toEqual(proof.without);
  });
});

describe('without one action of a statement', () => {
  test.each(ACTIONS)('secretsmanager:%s, a rotation that calls this action is denied', async (action) => {
    if (action === 'ListSecretVersionIds') {
      await storeTwoWrongValues(action);
    }
    expect(await rotateWithout(SECRETS, `secretsmanager:${action}`, action)).toEqual(denied(action));
  });

  test.each(Object.entries(CALLS_OF_KEY_ACTIONS))('kms:%s, %s is denied', async (action, call) => {
    expect(await rotateWithout(KEY, `kms:${action}`, action)).toEqual(denied(call));
  });

  test.each([
    ['CreateLogStream', 'no-stream'],
    ['PutLogEvents', 'no-lines'],
  ])('logs:%s, the log stays empty', async (action, name) => {
    const { result, log } = await cloud.withChanged(LOG, without(`logs:${action}`), () => cloud.rotateAndReadLog(name));
    expect({ result, log }).toEqual({ result: 'rotated', log: [] });
  });
});

describe('without one secret', () => {
  test('in the permission on secrets, the rotation of this secret is denied', async () => {
    const change = (statement: Statement): Statement => ({
      ...statement,
      Resource: [statement.Resource].flat().filter((arn) => !arn.includes(':secret:milvus/unnamed-')),
    });
    expect(await cloud.withChanged(SECRETS, change, () => cloud.rotate('unnamed'))).toEqual(denied('DescribeSecret'));
  });

  test('in the condition of the permission on the key, the value of this secret cannot be read', async () => {
    const change = (statement: Statement): Statement => {
      const { StringLike, ...conditions } = statement.Condition ?? {};
      const arns = [StringLike?.['kms:EncryptionContext:SecretARN'] ?? []].flat();
      const others = arns.filter((arn) => !arn.includes(':secret:milvus/other-key-'));
      expect(others).toHaveLength(arns.length - 1);
      return { ...statement, Condition: { ...conditions, StringLike: { 'kms:EncryptionContext:SecretARN': others } } };
    };
    expect(await cloud.withChanged(KEY, change, () => cloud.rotate('other-key'))).toEqual(denied('GetSecretValue'));
  });
});

describe('after a change of the key of a secret', () => {
  test('an older version is skipped as denied, and is found once the policy of the previous key allows the role', async () => {
    const SecretId = 'milvus/new-key';
    const previousKey = await cloud.createKey();
    const { SecretString } = await cloud.secretsManager.getSecretValue({ SecretId });
    await cloud.secretsManager.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
    const { VersionId: older } = await cloud.secretsManager.createSecret({
      Name: SecretId,
      SecretString,
      KmsKeyId: previousKey,
    });
    await storeTwoWrongValues('new-key');
    await cloud.secretsManager.updateSecret({ SecretId, KmsKeyId: cloud.secretKeyArn });

    const { result, log } = await cloud.rotateAndReadLog('new-key', cloud.functionArn);
    expect(result).not.toBe('rotated');
    const skipped = entriesWith(log, '"rotation_event":"candidate-skipped"');
    expect(skipped).toEqual([expect.objectContaining({ candidate: older, why: 'denied' })]);

    await allowRoleToDecrypt(previousKey);
    await removePending(SecretId);
    expect(await cloud.rotate('new-key')).toBe('rotated');
  });
});

describe('outside of the permissions', () => {
  test('the code of the function can use no other action on its secrets, and no other secret, log or service', async () => {
    const logs = new CloudWatchLogs(cloud.config);
    const ownLogGroup = await cloud.logGroupOf(cloud.functionArn);
    const { logStreams = [] } = await logs.describeLogStreams({ logGroupName: ownLogGroup });
    const another = { logGroupName: 'another', logStreamName: 'stream' };
    await logs.createLogGroup(another);
    await logs.createLogStream(another);
    await cloud.createSecret('neighbour');
    const allowed: readonly Call[] = [
      secretsManager('DescribeSecret', { SecretId: 'milvus/everything' }),
      secretsManager('GetSecretValue', { SecretId: 'milvus/everything' }),
      putLogEvents(ownLogGroup, logStreams[0]?.logStreamName ?? ''),
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
      allowed: await Promise.all(allowed.map(async (request) => outcome(await call(request)))),
      refused: await Promise.all(refused.map(async (request) => outcome(await call(request)))),
    }));
    expect(answers.allowed).toEqual(allowed.map(() => 'allowed'));
    expect(answers.refused).toEqual(refused.map(() => 'denied'));
  });

  test('the code of the function can use the key only through Secrets Manager', async () => {
    const { ARN: SecretARN = '' } = await cloud.secretsManager.describeSecret({ SecretId: 'milvus/everything' });
    // The key, the action and the secret of these calls are within the permission.
    const permitted = { KeyId: cloud.secretKeyArn, EncryptionContext: { SecretARN } };
    const dataKey = await cloud.kms('GenerateDataKey', { ...permitted, KeySpec: 'AES_256' });
    const { CiphertextBlob } = JSON.parse(dataKey.body) as { CiphertextBlob: string };
    const calls: readonly Call[] = [
      { service: 'kms', target: 'TrentService.Decrypt', body: { ...permitted, CiphertextBlob } },
      { service: 'kms', target: 'TrentService.GenerateDataKey', body: { ...permitted, KeySpec: 'AES_256' } },
    ];
    const attempt = (): Promise<readonly string[]> =>
      cloud.withOtherCode((call) => Promise.all(calls.map(async (request) => outcome(await call(request)))));
    expect(await attempt()).toEqual(['denied', 'denied']);

    const unconditioned = (statement: Statement): Statement => {
      const { StringEquals: _, ...others } = statement.Condition ?? {};
      return { ...statement, Condition: others };
    };
    expect(await cloud.withChanged(KEY, unconditioned, attempt)).toEqual(['allowed', 'allowed']);
  });

  test('the function cannot read another secret with the same key, even if a resource policy allows the role', async () => {
    await cloud.createSecret('same-key');
    await cloud.allowRole('milvus/same-key');
    const read = secretsManager('GetSecretValue', { SecretId: 'milvus/same-key' });
    const answer = await cloud.withOtherCode((call) => call(read));
    expect(answer).toMatchObject({ ok: false, body: expect.stringContaining('Access to KMS is not allowed') });
  });

  test('the function refuses a secret that is not configured, even if a resource policy allows the role', async () => {
    await cloud.createSecret('not-configured', 'lost');
    await cloud.allowRole('milvus/not-configured');
    expect(await cloud.rotate('not-configured', cloud.functionArn)).toMatchObject({ code: 'SECRET_NOT_CONFIGURED' });
  });

  test('Secrets Manager of another account cannot invoke the function', async () => {
    const account = '111122223333';
    const options = awsOptions(cloud.config.endpoint, { account, region: cloud.config.region });
    const otherAccount = new SecretsManager({ ...options, maxAttempts: 1 });
    const { ARN: SecretId } = await otherAccount.createSecret({ Name: 'other', SecretString: 'x' });
    expect(SecretId).toContain(`:${account}:`);
    const rotate = (): Promise<string> =>
      otherAccount.rotateSecret({ SecretId, RotationLambdaARN: cloud.functionArn }).then(
        () => 'started',
        (error: Error) => error.message,
      );
    expect(await rotate()).toContain('Secrets Manager cannot invoke the specified Lambda function');

    const withoutCondition = ({ Condition: _, ...statement }: Statement): Statement => statement;
    expect(await cloud.withChanged(INVOCATION, withoutCondition, rotate)).toBe('started');
  });
});

function rotateWithout(statement: string, action: string, name: string): Promise<unknown> {
  return cloud.withChanged(statement, without(action), () => cloud.rotate(name));
}

function without(action: string): (statement: Statement) => Statement {
  return (statement) => {
    const actions = [statement.Action].flat();
    const others = actions.filter((other) => other !== action);
    expect(others).toHaveLength(actions.length - 1);
    return { ...statement, Action: others };
  };
}

/** Stores two wrong values, so that the version with the password in force has no label. */
async function storeTwoWrongValues(name: string): Promise<void> {
  for (let puts = 0; puts < 2; puts++) {
    const SecretString = JSON.stringify(cloud.valueOf(name));
    await cloud.secretsManager.putSecretValue({ SecretId: `milvus/${name}`, SecretString });
  }
}

/** Adds the statement of docs/operations.md to the policy of the key, with its commands. */
async function allowRoleToDecrypt(key: string): Promise<void> {
  const policy = await runAws(KEY_COMMANDS.readPolicy.replace('KEY', key), {}, cloud.config);
  const { Statement: statements } = JSON.parse(String(policy)) as { Statement: Statement[] };
  const statement = runbookBlock(KEY_CHANGED)
    .replace('ROLE', String(await cloud.roleOfFunction()))
    .replace('REGION', cloud.config.region);
  const files = { 'policy.json': policyOf([...statements, JSON.parse(statement)]) };
  await runAws(KEY_COMMANDS.storePolicy.replace('KEY', key), files, cloud.config);
}

async function removePending(SecretId: string): Promise<void> {
  const { VersionIdsToStages = {} } = await cloud.secretsManager.describeSecret({ SecretId });
  const pending = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSPENDING'));
  await cloud.secretsManager.updateSecretVersionStage({
    SecretId,
    VersionStage: 'AWSPENDING',
    RemoveFromVersionId: pending,
  });
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
