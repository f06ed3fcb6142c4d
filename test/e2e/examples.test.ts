import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { paginateListSecrets, type SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { SNS } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployApp, diffApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import {
  currentPassword,
  currentValue,
  labelsOf,
  rotateToItsEnd,
  rotationSettles,
} from '../support/deployed-rotation.ts';
import { entriesWith, logLinesIn, rotationLogGroupOf } from '../support/function-log.ts';
import { awsOptions, changePasswordOutside, newClusterUser, secretsManager, servers } from '../support/servers.ts';
import { expectRotated } from './support/expect-rotated.ts';
import { type SelfHostedMilvus, startSelfHostedMilvus } from './support/self-hosted-milvus.ts';
import { storeCredential } from './support/store-credential.ts';

/** The existing secrets that the examples name. No other test uses these names. */
const EXISTING = [
  'shop/orders',
  'shop/search',
  'shop/billing',
  'milvus/orders',
  'milvus/search',
  'prod/milvus/orders',
  'terraform/milvus/orders',
];

/** Keys in the values of a function from AWS's template that this project does not need. */
const OTHER_KEYS = { engine: 'milvus', host: '127.0.0.1', port: 19530 };

describe('the deployed examples', () => {
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
    const { ARN: searchArn = '' } = await secretsManager().describeSecret({ SecretId: 'shop/search' });
    const { TopicArn = '' } = await new SNS(awsOptions()).createTopic({ Name: 'oncall' });
    options = [
      ...['--app', 'node test/e2e/support/examples-app.ts'],
      ...['--context', `searchArn=${searchArn}`, '--context', `topicArn=${TopicArn}`],
      ...['--context', `endpoint=${selfHosted.user.endpoint.url}`, '--context', `caFile=${selfHosted.caFile}`],
    ];
    ({ assembly } = await deployApp(access, PROJECT, folder, ['--concurrency', '4', ...options]));
    secrets = await allSecrets();
  });

  afterAll(() => selfHosted?.stop());

  test.each([...EXISTING, 'milvus/recommendations'])(
    '%s has a schedule, and the deployment does not rotate it',
    async (name) => {
      const secret = secrets.find(({ Name }) => Name === name);
      expect(secret).toMatchObject({ RotationEnabled: true, RotationRules: expect.anything() });
      await rotationSettles(name);
      expect(await labelsOf(name)).toMatchObject({ AWSCURRENT: expect.any(String) });
      const user = users.get(name);
      expect(user === undefined || (await currentPassword(name)) === user.password).toBe(true);
    },
  );

  test.concurrent.each([
    ['NewSecret', 'orders'],
    ['CustomerKey', 'billing'],
    // Of the stack DeployedFunction. The function of the fleet rotates it.
    ['milvus/carts', 'carts'],
  ] as const)(
    'the new secret %s names endpoint and user, and rotates after the real password is stored',
    async (namePrefix, named) => {
      const { ARN: arn = '', RotationEnabled } = newSecretOf(namePrefix);
      expect(RotationEnabled).toBe(true);
      expect(parseDocument(await currentValue(arn))).toMatchObject({
        endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
        username: named,
      });

      const user = await newClusterUser('plaintext');
      const { endpoint, username, password } = user;
      await storeCredential(arn, { endpoint: endpoint.url, username, password });
      await expectRotationOf(arn, user);
    },
  );

  test('customer-key.ts encrypts its secret with its own key', async () => {
    const { ARN: SecretId } = newSecretOf('CustomerKey');
    const { KmsKeyId } = await secretsManager().describeSecret({ SecretId });
    expect(KmsKeyId).toMatch(/^arn:aws:kms:/);
  });

  test('self-hosted.ts rotates over TLS with a private CA after the real password is stored', async () => {
    const { user, cluster } = selfHosted as SelfHostedMilvus;
    const { ARN: arn = '' } = newSecretOf('SelfHosted');
    await storeCredential(arn, { password: user.password });
    const version = await expectRotationOf(arn, user, cluster);
    expect(await outcomeOfSetSecret(arn, version)).toBe('changed');
  });

  test('self-hosted.ts resets an unknown password with the admin credential and logs a warning', async () => {
    const { user, cluster } = selfHosted as SelfHostedMilvus;
    const { ARN: arn = '' } = newSecretOf('SelfHosted');
    const current = { ...user, password: await currentPassword(arn) };
    const unknown = { ...user, password: await changePasswordOutside(current, { cluster }) };

    const version = await expectRotationOf(arn, unknown, cluster);
    expect(await outcomeOfSetSecret(arn, version)).toBe('reset-by-admin');
    expect(await logEntriesOf(arn, version)).toContainEqual(expect.objectContaining({ level: 'WARN', from: 'admin' }));
  });

  test.concurrent.each(EXISTING)(
    '%s rotates on demand, its new password logs in, and its other keys stay',
    async (name) => {
      await rotationSettles(name);
      await expectRotationOf(name, users.get(name) as Credentials);
      expect(JSON.parse(await currentValue(name))).toMatchObject(OTHER_KEYS);
    },
  );

  test('cdk diff is empty for an unchanged configuration, also after rotations', async () => {
    const { exitCode, output } = await diffApp(access, PROJECT, folder, options);
    expect(output).toContain('Number of stacks with differences: 0');
    const deployed = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
    expect(output.match(/^Stack \S+/gm)).toHaveLength(deployed.length);
    expect(exitCode).toBe(0);
  });

  /** The new secret of a stack. CloudFormation starts its name with the name of the stack. */
  function newSecretOf(namePrefix: string): SecretListEntry {
    const [secret, ...others] = secrets.filter(({ Name }) => Name?.startsWith(namePrefix));
    expect(others).toEqual([]);
    return secret ?? {};
  }

  async function expectRotationOf(secretId: string, before: Credentials, cluster?: Cluster): Promise<string> {
    const version = await rotateToItsEnd(secretId);
    expect(await labelsOf(secretId)).toMatchObject({ AWSCURRENT: version });
    await expectRotated(secretId, before, cluster);
    return version;
  }

  async function logEntriesOf(secretId: string, version: string): Promise<Record<string, unknown>[]> {
    return entriesWith(await logLinesIn(await rotationLogGroupOf(secretId)), version);
  }

  async function outcomeOfSetSecret(secretId: string, version: string): Promise<unknown> {
    const entries = await logEntriesOf(secretId, version);
    return entries.find((entry) => entry['step'] === 'setSecret' && entry['outcome'] !== undefined)?.['outcome'];
  }

  async function createSecret(Name: string): Promise<void> {
    const user = await newClusterUser('plaintext');
    users.set(Name, user);
    const { endpoint, username, password } = user;
    const SecretString = JSON.stringify({ ...OTHER_KEYS, endpoint: endpoint.url, username, password });
    await secretsManager().createSecret({ Name, SecretString });
  }
});

async function allSecrets(): Promise<SecretListEntry[]> {
  const all: SecretListEntry[] = [];
  for await (const page of paginateListSecrets({ client: secretsManager() }, {})) {
    all.push(...(page.SecretList ?? []));
  }
  return all;
}
