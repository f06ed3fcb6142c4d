import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { localAws, refusal } from '../support/local-aws.ts';

const aws = localAws();

const counted = async () => ((await aws.control('GET', 'calls')) as { calls: Record<string, number> }).calls;

test('counts the calls of each action, refused calls included, until it is told to forget them', async () => {
  const SecretId = await aws.secret();
  await aws.control('DELETE', 'calls');
  await aws.secrets.send(new GetSecretValueCommand({ SecretId }));
  await aws.secrets.send(new DescribeSecretCommand({ SecretId }));
  expect(await refusal(aws.secrets.send(new GetSecretValueCommand({ SecretId: 'missing' })))).toMatch(
    /^ResourceNotFoundException/,
  );
  expect(await counted()).toEqual({ 'secretsmanager.GetSecretValue': 2, 'secretsmanager.DescribeSecret': 1 });
  await aws.control('DELETE', 'calls');
  expect(await counted()).toEqual({});
});
