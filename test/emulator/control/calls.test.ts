import { expect, test } from 'vitest';
import { localAws, refusal } from '../support/local-aws.ts';

const aws = localAws();

const counted = async () => ((await aws.control('GET', 'calls')) as { calls: Record<string, number> }).calls;

test('counts the calls of each action, refused calls included, until it is told to forget them', async () => {
  const SecretId = await aws.secret();
  await aws.control('DELETE', 'calls');
  await aws.secrets.getSecretValue({ SecretId });
  await aws.secrets.describeSecret({ SecretId });
  expect(await refusal(aws.secrets.getSecretValue({ SecretId: 'missing' }))).toMatch(/^ResourceNotFoundException/);
  expect(await counted()).toEqual({ 'secretsmanager.GetSecretValue': 2, 'secretsmanager.DescribeSecret': 1 });
  await aws.control('DELETE', 'calls');
  expect(await counted()).toEqual({});
});
