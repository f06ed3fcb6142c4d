import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  paginateListSecrets,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Credentials } from '../../cluster/cluster.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { deployApp } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import { parseDocument } from '../../secret/document.ts';
import { currentValue, labelsOf, rotateToItsEnd, rotationSettles } from '../support/deployed-rotation.ts';
import { awsOptions, newClusterUser, secretsManager, servers } from '../support/servers.ts';

/** What the examples expect to be there. No other test uses these names. */
const EXISTING = [
  'shop/orders',
  'shop/search',
  'shop/billing',
  'milvus/orders',
  'milvus/search',
  'prod/milvus/orders',
  'terraform/milvus/orders',
];

describe('the examples, deployed as they stand', () => {
  let secrets: SecretListEntry[];
  const users = new Map<string, Credentials>();

  beforeAll(async () => {
    await Promise.all(EXISTING.map(createSecret));
    const { ARN: searchArn = '' } = await secretsManager().send(new DescribeSecretCommand({ SecretId: 'shop/search' }));
    const { TopicArn = '' } = await new SNSClient(awsOptions()).send(new CreateTopicCommand({ Name: 'oncall' }));
    const { access } = servers();
    await deployApp(access, PROJECT, mkdtempSync(join(access.stateDir, 'examples-')), [
      ...['--app', 'node test/e2e/support/examples-app.ts', '--concurrency', '4'],
      ...['--context', `searchArn=${searchArn}`, '--context', `topicArn=${TopicArn}`],
    ]);
    secrets = await allSecrets();
  }, 180_000);

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

  test.each(['NewSecret', 'CustomerKey'])(
    'the new secret of %s begins with endpoint, user and a placeholder',
    async (stack) => {
      const created = secrets.find(({ Name }) => Name?.startsWith(stack));
      expect(created).toMatchObject({ RotationEnabled: true });
      expect(parseDocument(await currentValue(created?.ARN ?? ''))).toMatchObject({
        endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
        username: 'orders',
      });
    },
  );

  test.each(['shop/orders', 'shop/search', 'milvus/search'])(
    '%s then rotates on demand, and its new password logs in',
    async (name) => {
      await rotationSettles(name);
      const version = await rotateToItsEnd(name);
      expect(await labelsOf(name)).toMatchObject({ AWSCURRENT: version });
      const { password } = parseDocument(await currentValue(name));
      const before = users.get(name) as Credentials;
      const cluster = createMilvusCluster();
      expect(await cluster.authenticates({ ...before, password })).toMatchObject({ kind: 'accepted' });
      expect(await cluster.authenticates(before)).toEqual({ kind: 'rejected' });
    },
  );

  async function createSecret(Name: string): Promise<void> {
    const user = await newClusterUser('plaintext');
    users.set(Name, user);
    const { endpoint, username, password } = user;
    const SecretString = JSON.stringify({ endpoint: endpoint.url, username, password });
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
