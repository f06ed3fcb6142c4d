import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { localAws, present, type RotationFunction } from './support/local-aws.ts';

const aws = localAws({ retries: 0 });

interface Template {
  readonly rotation?: RotationFunction;
  readonly rules?: object;
  readonly immediately?: boolean;
  readonly description?: string;
}

function body({ rotation, rules, immediately, description }: Template): string {
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
  return JSON.stringify({
    Resources: {
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { Description: description, SecretString: 'from a template' },
      },
      ...(rotation && { Schedule: schedule }),
    },
    Outputs: { Secret: { Value: SecretId }, ...(rotation && { Schedule: { Value: { Ref: 'Schedule' } } }) },
  });
}

/** Seconds. */
const WAITING = { maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.1 };

async function outputsOf(StackName: string): Promise<Record<string, string>> {
  const { Stacks = [] } = await aws.stacks.describeStacks({ StackName });
  const outputs = Stacks[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

async function deployed(template: Template) {
  const StackName = `stack-${randomUUID()}`;
  await aws.stacks.createStack({ StackName, TemplateBody: body(template) });
  await aws.stacks.waitUntilStackCreateComplete({ StackName }, WAITING);
  const refs = await outputsOf(StackName);
  return { StackName, refs, secretId: present(refs['Secret']) };
}

/** @throws Error if the update fails. */
async function update(StackName: string, template: Template) {
  await aws.stacks.updateStack({ StackName, TemplateBody: body(template) });
  await aws.stacks.waitUntilStackUpdateComplete({ StackName }, WAITING);
}

describe('AWS::SecretsManager::Secret', { timeout: 30_000 }, () => {
  test('has its ARN as Ref, keeps the ARN in an update, and is deleted with its stack', async () => {
    const { StackName, secretId } = await deployed({});
    expect(secretId).toMatch(/^arn:aws:secretsmanager:/);
    const found = await aws.stacks.describeStackResources({ StackName });
    expect(found.StackResources?.[0]?.PhysicalResourceId).toBe(secretId);
    await update(StackName, { description: 'another' });
    expect((await outputsOf(StackName))['Secret']).toBe(secretId);
    expect(await aws.value(secretId)).toBe('from a template');
    await aws.stacks.deleteStack({ StackName });
    await aws.stacks.waitUntilStackDeleteComplete({ StackName }, WAITING);
    expect(await aws.value(secretId)).toBe('ResourceNotFoundException');
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

  test('takes new rules in an update and keeps its Ref, and turns rotation off when it is removed', async () => {
    const rotation = await aws.rotationFunction();
    const { StackName, secretId } = await deployed({ rotation, immediately: false });
    await aws.until(secretId, 'idle');
    await update(StackName, { rotation, immediately: false, rules: { AutomaticallyAfterDays: '30' } });
    expect((await aws.describe(secretId)).RotationRules).toEqual({ AutomaticallyAfterDays: 30 });
    expect((await outputsOf(StackName))['Schedule']).toBe(secretId);
    await aws.until(secretId, 'idle');
    await update(StackName, {});
    expect((await aws.describe(secretId)).RotationEnabled).toBe(false);
  });

  test('fails an update after the rotation of the deployment failed', async () => {
    const rotation = await aws.rotationFunction({ failStep: 'setSecret', failTimes: 9 });
    const { StackName, secretId } = await deployed({ rotation });
    await aws.until(secretId, 'idle');
    await expect(update(StackName, { rotation, rules: { AutomaticallyAfterDays: 30 } })).rejects.toThrow();
    // A refused start stores its configuration.
    expect((await aws.describe(secretId)).RotationRules).toEqual({ AutomaticallyAfterDays: 30 });
  });
});
