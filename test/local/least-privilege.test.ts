import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL_REGION } from '../../local/cloud/access.ts';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';

const ACTIONS = [
  'DescribeSecret',
  'GetSecretValue',
  'ListSecretVersionIds',
  'PutSecretValue',
  'UpdateSecretVersionStage',
] as const;

interface Policy {
  readonly Statement: { Action: string | string[] }[];
}

let cloud: LocalCloud;
let secretsManager: SecretsManagerClient;
let iam: IAMClient;
let role: { RoleName: string; PolicyName: string; policy: Policy };
let functionArn: string;

/** A cloud of its own, whose emulator enforces the policy of the function's role. */
beforeAll(async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'least-privilege-'));
  // The bucket of the CDK wants TLS, as on AWS.
  cloud = await startLocalCloud({ stateDir, emulator: { retries: 0, https: true, env: { AUTH: 'true' } } });
  const options = {
    endpoint: cloud.access.awsUrl,
    region: LOCAL_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  secretsManager = new SecretsManagerClient(options);
  iam = new IAMClient(options);
  const names = ['everything', 'stranded', ...ACTIONS];
  await Promise.all(names.map(secretOfUser));
  const { outputs } = await cloud.deploy(
    JSON.stringify({
      function: { allowedEndpoints: ['127.0.0.1', 'localhost'] },
      secrets: names.map((name) => ({ name: `milvus/${name}`, schedule: 'rate(300 days)' })),
    }),
  );
  functionArn = outputs['zilliz-secret-rotation']?.['RotationFunctionArn'] ?? '';
  role = await roleOfFunction();
  await Promise.all(names.map(settled));
}, 120_000);

afterAll(() => cloud.stop(), 30_000);

test('a rotation passes with exactly the permissions of its role', async () => {
  expect(await rotates('everything')).toBe(true);
  await strandPassword('stranded');
  expect(await rotates('stranded')).toBe(true);
});

test.each(ACTIONS)('without %s it fails', async (action) => {
  if (action === 'ListSecretVersionIds') {
    await strandPassword(action);
  }
  const without = structuredClone(role.policy);
  for (const statement of without.Statement) {
    statement.Action = [statement.Action].flat().filter((allowed) => allowed !== `secretsmanager:${action}`);
  }
  await setPolicy(without);
  expect(await rotates(action)).toBe(false);
  await setPolicy(role.policy);
});

test('a secret that the stack does not name cannot be rotated by its function', async () => {
  await secretOfUser('stranger');
  expect(await rotates('stranger', functionArn)).toBe(false);
});

async function secretOfUser(name: string): Promise<void> {
  const { endpoint } = cloud.access.milvus.plaintext;
  const user = { username: `user_${name}`, password: password() };
  await cloud.createClusterUser('plaintext', user);
  const SecretString = JSON.stringify({ endpoint, ...user });
  await secretsManager.send(new CreateSecretCommand({ Name: `milvus/${name}`, SecretString }));
}

/** Two wrong values on top of the right one leave it without a label: only a list of the versions finds it. */
async function strandPassword(name: string): Promise<void> {
  const { endpoint } = cloud.access.milvus.plaintext;
  for (let puts = 0; puts < 2; puts++) {
    const SecretString = JSON.stringify({ endpoint, username: `user_${name}`, password: password() });
    await secretsManager.send(new PutSecretValueCommand({ SecretId: `milvus/${name}`, SecretString }));
  }
}

function password(): string {
  return `Aa1!${randomBytes(12).toString('hex')}`;
}

/** Whether AWSCURRENT has moved when all is quiet again. */
async function rotates(name: string, RotationLambdaARN?: string): Promise<boolean> {
  const before = await current(name);
  await secretsManager.send(
    new RotateSecretCommand({
      SecretId: `milvus/${name}`,
      ...(RotationLambdaARN !== undefined && { RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 300 } }),
    }),
  );
  await settled(name);
  return (await current(name)) !== before;
}

async function current(name: string): Promise<string | undefined> {
  const { VersionIdsToStages = {} } = await secretsManager.send(
    new DescribeSecretCommand({ SecretId: `milvus/${name}` }),
  );
  return Object.keys(VersionIdsToStages).find((version) => VersionIdsToStages[version]?.includes('AWSCURRENT'));
}

async function settled(name: string): Promise<void> {
  const query = new URLSearchParams({ secret: `milvus/${name}`, wait: 'idle', timeout: '60' });
  const answer = (await (await fetch(`${cloud.access.awsUrl}/_local/rotation?${query.toString()}`)).json()) as {
    state?: string;
  };
  expect(answer.state).toBe('idle');
}

async function roleOfFunction(): Promise<typeof role> {
  const { Roles = [] } = await iam.send(new ListRolesCommand({}));
  const RoleName =
    Roles.map((found) => found.RoleName ?? '').find((found) => found.includes('RotationFunctionRole')) ?? '';
  const { PolicyNames: [PolicyName = ''] = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
  return { RoleName, PolicyName, policy: JSON.parse(decodeURIComponent(PolicyDocument)) as Policy };
}

async function setPolicy(policy: Policy): Promise<void> {
  const { RoleName, PolicyName } = role;
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify(policy) }));
}
