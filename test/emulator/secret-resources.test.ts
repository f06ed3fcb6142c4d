import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { account, localAws, present, type RotationFunction } from './support/local-aws.ts';
import { createStack, deleteStack, failureReasons, outputsOf, updateStack } from './support/stack.ts';

const aws = localAws({ retries: 0 });

interface Template {
  readonly rotation?: RotationFunction;
  readonly rules?: object;
  readonly immediately?: boolean;
  readonly policyAction?: string;
  readonly secretName?: string;
}

function body({ rotation, rules, immediately, policyAction, secretName }: Template): string {
  const SecretId = { Ref: 'Secret' };
  const schedule = {
    Type: 'AWS::SecretsManager::RotationSchedule',
    Properties: {
      SecretId,
      RotationLambdaARN: rotation?.arn,
      RotationRules: rules ?? { ScheduleExpression: 'cron(0 3 ? * SUN *)', Duration: '2h' },
      RotateImmediatelyOnUpdate: immediately,
    },
  };
  const policy = {
    Type: 'AWS::SecretsManager::ResourcePolicy',
    Properties: {
      SecretId,
      ResourcePolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Principal: { AWS: `arn:aws:iam::${account}:root` },
            Action: policyAction,
            Resource: '*',
          },
        ],
      },
    },
  };
  return JSON.stringify({
    Resources: {
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { Name: secretName, SecretString: 'from a template' },
      },
      ...(rotation ? { Schedule: schedule } : {}),
      ...(policyAction ? { Policy: policy } : {}),
    },
    Outputs: {
      Secret: { Value: SecretId },
      ...(rotation ? { Schedule: { Value: { Ref: 'Schedule' } } } : {}),
      ...(policyAction ? { Policy: { Value: { Ref: 'Policy' } } } : {}),
    },
  });
}

async function deployed(template: Template) {
  const StackName = await createStack(aws.stacks, body(template));
  const refs = await outputsOf(aws.stacks, StackName);
  return { StackName, refs, secretId: present(refs['Secret']) };
}

const update = (StackName: string, template: Template) => updateStack(aws.stacks, StackName, body(template));

describe('AWS::SecretsManager::Secret', { timeout: 30_000 }, () => {
  test('has its ARN as Ref, keeps the ARN in an update, and is deleted with its stack', async () => {
    const { StackName, secretId } = await deployed({});
    expect(secretId).toMatch(/^arn:aws:secretsmanager:/);
    const found = await aws.stacks.describeStackResources({ StackName });
    expect(found.StackResources?.[0]?.PhysicalResourceId).toBe(secretId);
    await update(StackName, { policyAction: 'secretsmanager:DeleteSecret' });
    expect((await outputsOf(aws.stacks, StackName))['Secret']).toBe(secretId);
    expect(await aws.value(secretId)).toBe('from a template');
    await deleteStack(aws.stacks, StackName);
    expect(await aws.value(secretId)).toBe('ResourceNotFoundException');
  });

  test('is refused if a secret with its name exists, and that secret keeps its value', async () => {
    const secretName = `secret-${randomUUID()}`;
    const { secretId } = await deployed({ secretName });
    const StackName = `stack-${randomUUID()}`;

    await expect(createStack(aws.stacks, body({ secretName }), StackName)).rejects.toThrow();

    expect(await failureReasons(aws.stacks, StackName)).toContain(`the secret ${secretName} already exists`);
    expect(await aws.value(secretId)).toBe('from a template');
  });
});

describe('AWS::SecretsManager::RotationSchedule', { timeout: 30_000 }, () => {
  test('configures rotation and rotates at once, as AWS does by default', async () => {
    const rotation = await aws.rotationFunction();
    const { secretId, refs } = await deployed({ rotation });
    expect(refs['Schedule']).toBe(secretId);
    expect((await aws.until(secretId, 'idle')).history.map((entry) => entry.event)).toEqual([
      'RotationStarted',
      'RotationSucceeded',
    ]);
    expect(await aws.describe(secretId)).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: rotation.arn,
      RotationRules: { ScheduleExpression: 'cron(0 3 ? * SUN *)', Duration: '2h' },
      NextRotationDate: expect.any(Date),
    });
  });

  test('takes new rules in an update and keeps its Ref', async () => {
    const rotation = await aws.rotationFunction();
    const { StackName, secretId } = await deployed({ rotation, immediately: false });
    await aws.until(secretId, 'idle');
    await update(StackName, { rotation, immediately: false, rules: { AutomaticallyAfterDays: '30' } });
    expect((await aws.describe(secretId)).RotationRules).toEqual({ AutomaticallyAfterDays: 30 });
    expect((await outputsOf(aws.stacks, StackName))['Schedule']).toBe(secretId);
  });

  test('turns rotation off when it is removed', async () => {
    const rotation = await aws.rotationFunction();
    const { StackName, secretId } = await deployed({ rotation, immediately: false });
    await aws.until(secretId, 'idle');
    await update(StackName, {});
    expect((await aws.describe(secretId)).RotationEnabled).toBe(false);
  });

  test('fails the stack if Secrets Manager may not invoke the function', async () => {
    const StackName = `stack-${randomUUID()}`;
    const rotation = await aws.rotationFunction({}, false);
    await expect(createStack(aws.stacks, body({ rotation }), StackName)).rejects.toThrow();
    expect(await failureReasons(aws.stacks, StackName)).toContain(
      'Secrets Manager cannot invoke the specified Lambda function.',
    );
  });

  test('fails an update after the rotation of the deployment failed', async () => {
    const rotation = await aws.rotationFunction({ failStep: 'setSecret', failTimes: 9 });
    const { StackName, secretId } = await deployed({ rotation });
    await aws.until(secretId, 'idle');
    await expect(update(StackName, { rotation, rules: { AutomaticallyAfterDays: 30 } })).rejects.toThrow();
    expect(await failureReasons(aws.stacks, StackName)).toContain("A previous rotation isn't complete.");
  });
});

describe('AWS::SecretsManager::ResourcePolicy', { timeout: 30_000 }, () => {
  const policyOf = async (SecretId: string) => (await aws.secrets.getResourcePolicy({ SecretId })).ResourcePolicy;

  test('is added to the secret, changed by an update, and removed with the resource', async () => {
    const { StackName, secretId, refs } = await deployed({ policyAction: 'secretsmanager:DeleteSecret' });
    expect(refs['Policy']).toBe(secretId);
    expect(await policyOf(secretId)).toContain('secretsmanager:DeleteSecret');
    await update(StackName, { policyAction: 'secretsmanager:RestoreSecret' });
    expect(await policyOf(secretId)).toContain('secretsmanager:RestoreSecret');
    await update(StackName, {});
    expect(await policyOf(secretId)).toBeUndefined();
  });
});
