import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  paginateListSecrets,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { deployApp, diffApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import { parseDocument } from '../../secret/document.ts';
import { currentValue, labelsOf, rotateToItsEnd, rotationSettles } from '../support/deployed-rotation.ts';
import { awsOptions, newClusterUser, newPassword, secretsManager, servers } from '../support/servers.ts';
import { linesAbout, logGroupOf } from './support/rotation-log.ts';
import { type SelfHostedMilvus, startSelfHostedMilvus } from './support/self-hosted-milvus.ts';
import { storeCredential } from './support/store-credential.ts';

/** What the examples expect to be there. No other test uses these names. */
const EXISTING = [
  'shop/orders',
  'shop/search',
  'shop/billing',
  'milvus/orders',
  'milvus/search',
  'prod/milvus/orders',
  'private/milvus/orders',
  'terraform/milvus/orders',
];

/** What a function made of AWS's template leaves in a value beside what is needed here. */
const OTHER_KEYS = { engine: 'milvus', host: '127.0.0.1', port: 19530 };

describe('the examples, deployed as they stand', () => {
  const { access } = servers();
  const folder = mkdtempSync(join(access.stateDir, 'examples-'));
  let options: string[];
  let assembly: string;
  let secrets: SecretListEntry[];
  let selfHosted: SelfHostedMilvus | undefined;
  const users = new Map<string, Credentials>();

  beforeAll(async () => {
    selfHosted = await startSelfHostedMilvus();
    await Promise.all(EXISTING.map(createSecret));
    const { ARN: searchArn = '' } = await secretsManager().send(new DescribeSecretCommand({ SecretId: 'shop/search' }));
    const { TopicArn = '' } = await new SNSClient(awsOptions()).send(new CreateTopicCommand({ Name: 'oncall' }));
    options = [
      ...['--app', 'node test/e2e/support/examples-app.ts'],
      ...['--context', `searchArn=${searchArn}`, '--context', `topicArn=${TopicArn}`],
      ...['--context', `endpoint=${selfHosted.user.endpoint.url}`, '--context', `caFile=${selfHosted.caFile}`],
    ];
    ({ assembly } = await deployApp(access, PROJECT, folder, ['--concurrency', '4', ...options]));
    secrets = await allSecrets();
  }, 180_000);

  afterAll(() => selfHosted?.stop());

  test.each([...EXISTING, 'milvus/recommendations'])(
    '%s has a schedule, and does not rotate by being deployed',
    async (name) => {
      const secret = secrets.find((found) => found.Name === name);
      expect(secret).toMatchObject({ RotationEnabled: true, RotationRules: expect.anything() });
      await rotationSettles(name);
      expect(await labelsOf(name)).toMatchObject({ AWSCURRENT: expect.any(String) });
      const user = users.get(name);
      expect(user === undefined || parseDocument(await currentValue(name)).password === user.password).toBe(true);
    },
  );

  test.concurrent.each(['NewSecret', 'CustomerKey'])(
    'the new secret of %s begins with endpoint, user and a placeholder, and rotates once a real credential is stored',
    async (stack) => {
      const { ARN: arn = '', RotationEnabled } = newSecretOf(stack);
      expect(RotationEnabled).toBe(true);
      expect(parseDocument(await currentValue(arn))).toMatchObject({
        endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
        username: 'orders',
      });

      const user = await newClusterUser('plaintext');
      const { endpoint, username, password } = user;
      await storeCredential(arn, { endpoint: endpoint.url, username, password });
      await expectRotationOf(arn, user);
    },
  );

  test('customer-key.ts puts its secret under the key that it makes', async () => {
    const { ARN: SecretId } = newSecretOf('CustomerKey');
    const { KmsKeyId } = await secretsManager().send(new DescribeSecretCommand({ SecretId }));
    expect(KmsKeyId).toMatch(/^arn:aws:kms:/);
  });

  test('self-hosted.ts rotates over TLS by a private authority, once the real password is stored in place of the placeholder', async () => {
    const { user, cluster } = selfHosted as SelfHostedMilvus;
    const { ARN: arn = '' } = newSecretOf('SelfHosted');
    await storeCredential(arn, { password: user.password });
    const version = await expectRotationOf(arn, user, cluster);
    expect(await outcomeOfSetSecret(arn, version)).toBe('changed');
  });

  test('self-hosted.ts has a password that nobody knows any more reset by the admin credential, with a warning in the log', async () => {
    const { user, cluster } = selfHosted as SelfHostedMilvus;
    const { ARN: arn = '' } = newSecretOf('SelfHosted');
    const { password } = parseDocument(await currentValue(arn));
    const forgotten = { ...user, password: newPassword() };
    expect(await cluster.changePassword({ ...user, password }, forgotten.password)).toEqual({ kind: 'changed' });

    const version = await expectRotationOf(arn, forgotten, cluster);
    expect(await outcomeOfSetSecret(arn, version)).toBe('reset-by-admin');
    const warnings = (await linesAbout(version, await logGroupOf(arn))).filter(({ level }) => level === 'WARN');
    expect(warnings).toContainEqual(expect.objectContaining({ from: 'admin' }));
  });

  test.concurrent.each(EXISTING)(
    '%s then rotates on demand, its new password logs in, and the other keys survive',
    async (name) => {
      await rotationSettles(name);
      await expectRotationOf(name, users.get(name) as Credentials);
      expect(JSON.parse(await currentValue(name))).toMatchObject(OTHER_KEYS);
    },
  );

  test('an unchanged configuration is an empty cdk diff, also after rotations', async () => {
    const { exitCode, said } = await diffApp(access, PROJECT, folder, options);
    expect(said).toContain('Number of stacks with differences: 0');
    const deployed = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
    expect(said.match(/^Stack \S+/gm)).toHaveLength(deployed.length);
    expect(exitCode).toBe(0);
  });

  /** CloudFormation names a secret after its stack. */
  function newSecretOf(stack: string): SecretListEntry {
    const [secret, ...others] = secrets.filter(({ Name }) => Name?.startsWith(stack));
    expect(others).toEqual([]);
    return secret ?? {};
  }

  async function expectRotationOf(
    secretId: string,
    before: Credentials,
    cluster: Cluster = createMilvusCluster(),
  ): Promise<string> {
    const version = await rotateToItsEnd(secretId);
    expect(await labelsOf(secretId)).toMatchObject({ AWSCURRENT: version });
    const { password } = parseDocument(await currentValue(secretId));
    expect(await cluster.authenticates({ ...before, password })).toMatchObject({ kind: 'accepted' });
    expect(await cluster.authenticates(before)).toEqual({ kind: 'rejected' });
    return version;
  }

  async function outcomeOfSetSecret(secretId: string, version: string): Promise<unknown> {
    const lines = await linesAbout(version, await logGroupOf(secretId));
    return lines.find(({ step, outcome }) => step === 'setSecret' && outcome !== undefined)?.['outcome'];
  }

  async function createSecret(Name: string): Promise<void> {
    const user = await newClusterUser('plaintext');
    users.set(Name, user);
    const { endpoint, username, password } = user;
    const SecretString = JSON.stringify({ ...OTHER_KEYS, endpoint: endpoint.url, username, password });
    await secretsManager().send(new CreateSecretCommand({ Name, SecretString }));
  }
});

async function allSecrets(): Promise<SecretListEntry[]> {
  const all: SecretListEntry[] = [];
  for await (const page of paginateListSecrets({ client: secretsManager() }, {})) {
    all.push(...(page.SecretList ?? []));
  }
  return all;
}
