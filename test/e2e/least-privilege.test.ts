import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { KMS } from '@aws-sdk/client-kms';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entriesWith, logGroupOf } from '../support/function-log.ts';
import { awsOptions } from '../support/servers.ts';
import { blocksOf, KEY_CHANGED, KEY_COMMANDS } from './runbook/page.ts';
import { runAws } from './support/aws-command.ts';
import { nameOf, type Statement } from './support/deployed-policies.ts';
import { policyOf } from './support/identities.ts';
import { LeastPrivilegeWorld, SECRET } from './support/least-privilege-world.ts';
import type { Call } from './support/probe-function.ts';
import { bringInto, resultIn, rotate, rotateFrom } from './support/secret-states.ts';
import { PROOFS, type Proof } from './support/statement-proofs.ts';
import { subscribe } from './support/subscriber.ts';

const KEY = 'RotationFunctionRole allows kms:Decrypt kms:GenerateDataKey';
const ROTATE = 'Pipeline allows secretsmanager:RotateSecret';
const INVOCATION = 'RotationFunction allows secretsmanager.amazonaws.com lambda:InvokeFunction';

let world: LeastPrivilegeWorld;
let messages: () => Promise<readonly string[]>;

beforeAll(async () => {
  world = await LeastPrivilegeWorld.start();
  messages = await subscribe(world.config, world.topicArn);
});

afterAll(() => world.stop());

test('a failed rotation sends one message: the alarm, which links its entry in the runbook', async () => {
  expect(await rotateFrom(world, 'unusable')).toMatchObject({ code: 'CURRENT_INVALID' });
  const [message = '', ...others] = await messages();
  expect(others).toEqual([]);
  expect(JSON.parse(message)).toMatchObject({
    NewStateValue: 'ALARM',
    AlarmDescription: expect.stringContaining('/docs/operations.md#rotation-failed'),
  });
});

describe('the deployed statements', () => {
  const titleOf = ({ statement, without }: Proof): string =>
    `${statement} ${Object.keys(without).toSorted().join(' ')}`;

  test('are exactly the statements with a proof', () => {
    const deployed = world.policies.flatMap(({ statements, owner }) => statements.map((each) => nameOf(owner, each)));
    expect(deployed.toSorted()).toEqual(PROOFS.map(titleOf).toSorted());
  });

  test.each(PROOFS.map((proof) => [titleOf(proof), proof] as const))(
    '%s: the result differs without each action',
    async (title, proof) => {
      expect(await proof.attempt(world, messages)).toEqual(proof.with);
      for (const [action, result] of Object.entries(proof.without)) {
        const changed = await world.withChanged(title, withoutAction(action), () => proof.attempt(world, messages));
        expect({ action, changed }).toEqual({ action, changed: result });
      }
    },
  );
});

test('after a change of the key, an older version is skipped, and is found once its key allows the role', async () => {
  const previousKey = await world.createKey();
  const rotateAfterChange = async (): Promise<readonly string[]> => {
    await world.secretsManager.updateSecret({ SecretId: SECRET, KmsKeyId: previousKey });
    await bringInto(world, 'unlabelled');
    await world.secretsManager.updateSecret({ SecretId: SECRET, KmsKeyId: world.secretKeyArn });
    return await rotate(world);
  };
  const log = await rotateAfterChange();
  expect(entriesWith(log, '"candidate-skipped"')).toContainEqual(expect.objectContaining({ why: 'denied' }));
  expect(resultIn(log)).toBe('reset');

  await allowRoleToDecrypt(previousKey);
  expect(resultIn(await rotateAfterChange())).toBe('rotated');
});

describe('outside of the permissions', () => {
  test('a role that may rotate can change neither the schedule nor the function of the secret', async () => {
    const pipeline = await world.asPipeline();
    const [RotationLambdaARN, RotationRules] = [world.functionArn, { AutomaticallyAfterDays: 300 }];
    const otherFunction = { RotationLambdaARN: world.overdueCheckArn };
    const start = async (changes: object): Promise<string> => {
      await bringInto(world, 'current');
      const answer = await pipeline.rotateSecret({ SecretId: SECRET, ...changes }).then(
        () => 'started',
        (error: Error) => error.message,
      );
      await world.secret().until();
      return answer;
    };
    const denied = expect.stringContaining('not authorized to perform: secretsmanager:RotateSecret');
    expect(await start({})).toBe('started');
    expect(await start({ RotationLambdaARN })).toBe('started');
    expect(await start({ RotationRules })).toEqual(denied);
    expect(await start({ RotationLambdaARN, RotationRules })).toEqual(denied);
    expect(await start(otherFunction)).toEqual(denied);

    const withoutConditions = ({ Condition: _, ...statement }: Statement): Statement => statement;
    const results = await world.withChanged(ROTATE, withoutConditions, async () => [
      await start({ RotationRules }),
      await start(otherFunction),
    ]);
    expect(results).toEqual(['started', expect.stringContaining('cannot invoke the specified Lambda function')]);
  });

  test('the code of the function can use no other action on its secrets, and no other secret, log or service', async () => {
    const logs = new CloudWatchLogs(world.config);
    const logGroupName = await logGroupOf(world.functionArn, world.config);
    const { logStreams: [ownStream] = [] } = await logs.describeLogStreams({ logGroupName });
    await logs.createLogGroup({ logGroupName: 'another' });
    await logs.createLogStream({ logGroupName: 'another', logStreamName: 'stream' });
    await world.createSecret('milvus/neighbour', 'x');
    const allowed: readonly Call[] = [
      secretsManager('describeSecret', { SecretId: SECRET }),
      secretsManager('getSecretValue', { SecretId: SECRET }),
      putLogEvents(logGroupName, ownStream?.logStreamName ?? ''),
    ];
    const refused: readonly Call[] = [
      ...['deleteSecret', 'rotateSecret', 'getResourcePolicy', 'tagResource'].map((action) =>
        secretsManager(action, { SecretId: SECRET }),
      ),
      secretsManager('getSecretValue', { SecretId: 'milvus/neighbour' }),
      secretsManager('describeSecret', { SecretId: 'admin' }),
      secretsManager('putSecretValue', { SecretId: 'admin', SecretString: 'x' }),
      secretsManager('getRandomPassword', {}),
      secretsManager('listSecrets', {}),
      putLogEvents('another', 'stream'),
      { service: 'kms', action: 'listKeys', input: {} },
      { service: 'lambda', action: 'invoke', input: { FunctionName: world.functionArn } },
    ];
    const answers = (await world.callAsFunction([...allowed, ...refused])).map(outcome);
    expect(answers).toEqual([...allowed.map(() => 'allowed'), ...refused.map(() => 'denied')]);
  });

  test('the code of the function can use the key only through Secrets Manager', async () => {
    const { ARN: SecretARN = '' } = await world.secretsManager.describeSecret({ SecretId: SECRET });
    // The key, the action and the secret of these calls are within the permission.
    const permitted = { KeyId: world.secretKeyArn, EncryptionContext: { SecretARN } };
    const dataKey = await new KMS(world.config).generateDataKey({ ...permitted, KeySpec: 'AES_256' });
    const CiphertextBlob = Buffer.from(dataKey.CiphertextBlob ?? []).toString('base64');
    const calls: readonly Call[] = [
      { service: 'kms', action: 'decrypt', input: { ...permitted, CiphertextBlob } },
      { service: 'kms', action: 'generateDataKey', input: { ...permitted, KeySpec: 'AES_256' } },
    ];
    const attempt = async (): Promise<readonly string[]> => (await world.callAsFunction(calls)).map(outcome);
    expect(await attempt()).toEqual(['denied', 'denied']);

    const unconditioned = (statement: Statement): Statement => {
      const { StringEquals: _, ...others } = statement.Condition ?? {};
      return { ...statement, Condition: others };
    };
    expect(await world.withChanged(KEY, unconditioned, attempt)).toEqual(['allowed', 'allowed']);
  });

  test('even if a resource policy allows the role, another secret with the same key is refused', async () => {
    const SecretId = 'milvus/same-key';
    await world.createSecret(SecretId, 'x');
    await world.allowRole(SecretId);
    const [answer] = await world.callAsFunction([secretsManager('getSecretValue', { SecretId })]);
    expect(answer).toContain('Access to KMS is not allowed');

    expect(resultIn(await rotate(world, SecretId, schedule()))).toMatchObject({ code: 'SECRET_NOT_CONFIGURED' });
  });

  test('Secrets Manager of another account cannot invoke the function', async () => {
    const account = '111122223333';
    const options = awsOptions(world.config.endpoint, { account, region: world.config.region });
    const otherAccount = new SecretsManager({ ...options, maxAttempts: 1 });
    const { ARN: SecretId } = await otherAccount.createSecret({ Name: 'other', SecretString: 'x' });
    expect(SecretId).toContain(`:${account}:`);
    const start = (): Promise<string> =>
      otherAccount.rotateSecret({ SecretId, RotationLambdaARN: world.functionArn }).then(
        () => 'started',
        (error: Error) => error.message,
      );
    expect(await start()).toContain('Secrets Manager cannot invoke the specified Lambda function');

    const withoutCondition = ({ Condition: _, ...statement }: Statement): Statement => statement;
    expect(await world.withChanged(INVOCATION, withoutCondition, start)).toBe('started');
  });
});

function schedule(): object {
  return { RotationLambdaARN: world.functionArn, RotationRules: { AutomaticallyAfterDays: 300 } };
}

/** Removes the action, or the statement if it has no other action. */
function withoutAction(action: string): (statement: Statement) => Statement | undefined {
  return (statement) => {
    const actions = [statement.Action].flat();
    const others = actions.filter((other) => other !== action);
    expect(others).toHaveLength(actions.length - 1);
    return others.length === 0 ? undefined : { ...statement, Action: others };
  };
}

/** Adds the statement of docs/operations.md to the policy of the key, with its commands. */
async function allowRoleToDecrypt(key: string): Promise<void> {
  const policy = await runAws(KEY_COMMANDS.readPolicy.replace('KEY', key), {}, world.config);
  const { Statement: statements } = JSON.parse(String(policy)) as { Statement: Statement[] };
  const [block = ''] = blocksOf(KEY_CHANGED, 'json');
  const statement = block.replace('ROLE', await world.roleOfFunction()).replace('REGION', world.config.region);
  const files = { 'policy.json': policyOf([...statements, JSON.parse(statement)]) };
  await runAws(KEY_COMMANDS.storePolicy.replace('KEY', key), files, world.config);
}

function secretsManager(action: string, input: object): Call {
  return { service: 'secretsManager', action, input };
}

function putLogEvents(logGroupName: string, logStreamName: string): Call {
  const logEvents = [{ timestamp: Date.now(), message: 'a line' }];
  return { service: 'logs', action: 'putLogEvents', input: { logGroupName, logStreamName, logEvents } };
}

function outcome(answer: string): string {
  return answer.includes('AccessDenied') ? 'denied' : answer;
}
