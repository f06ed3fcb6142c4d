import { ECS, type Service } from '@aws-sdk/client-ecs';
import { SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { RotatedEvent } from '../../protocol/rotation/rotated-event.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../support/function-log.ts';
import { awsOptions, documentOf, newClusterUser } from '../support/servers.ts';
import { type EnforcedAws, startEnforcedAws } from './support/enforced-aws.ts';

let aws: EnforcedAws;
let config: ReturnType<typeof awsOptions>;
let user: Credentials;
/** The secret of the user. */
let single: CloudSecret;
/** The secret of two users that take turns. */
let pair: CloudSecret;
let outputs: Readonly<Record<string, string>>;
let ecs: ECS;

beforeAll(async () => {
  aws = await startEnforcedAws();
  config = awsOptions(aws.access.awsUrl);
  single = new CloudSecret(aws.access, 'milvus/single');
  pair = new CloudSecret(aws.access, 'milvus/pair');
  ecs = new ECS(config);
  const [first, second] = await Promise.all([newClusterUser('plaintext'), newClusterUser('plaintext')]);
  user = await newClusterUser('plaintext');
  await single.create(documentOf(user));
  await pair.create(documentOf(first));
  await pair.storeOtherUser(documentOf(second));
  const { cluster } = await ecs.createCluster({ clusterName: 'shop' });
  await ecs.registerTaskDefinition({ family: 'orders', containerDefinitions: [{ name: 'orders', image: 'orders' }] });
  const { service } = await ecs.createService({
    ...{ cluster: 'shop', serviceName: 'orders', taskDefinition: 'orders', desiredCount: 0 },
  });
  const context = {
    single: single.name,
    pair: pair.name,
    endpoint: user.endpoint.url,
    users: `${first.username},${second.username}`,
    clusterArn: cluster?.clusterArn,
    serviceArn: service?.serviceArn,
  };
  outputs = (await aws.deploy('rotated-event-app.ts', context))['RotatedEvent'] ?? {};
  await Promise.all([single, pair].map((secret) => secret.until()));
});

afterAll(() => aws.stop());

test('each rotation sends one event without a secret, for each strategy', async () => {
  const versions = await Promise.all([pair.rotate(), single.rotate()]);
  const sent = await untilEvents(2);
  expect(sent.map(({ detail }) => [detail.secretName, detail.versionId]).toSorted()).toEqual([
    [pair.name, versions[0]],
    [single.name, versions[1]],
  ]);
  for (const event of sent) {
    expect(event).toMatchObject({ source: 'zilliz.rotation', 'detail-type': 'Credential Rotated' });
    expect(Object.keys(event.detail).toSorted()).toEqual(['rotatedAt', 'secretArn', 'secretName', 'versionId']);
  }
  expect(JSON.stringify(sent)).not.toContain(await single.password());
});

test('the service restarted at most once a minute, and once more after the last rotation', async () => {
  const last = await pair.rotate();
  const [{ detail } = { detail: { versionId: '', rotatedAt: '' } }] = await untilEvents(1);
  expect(detail.versionId).toBe(last);
  const rotatedAt = Date.parse(detail.rotatedAt);
  await expect.poll(deployedAt, { timeout: 200_000, interval: 1000 }).toBeGreaterThan(rotatedAt);
  await expect.poll(waitingRestarts, { timeout: 120_000, interval: 1000 }).toBe(0);
  const lines = await logLinesIn(await logGroupOf(outputs['RestartArn'] ?? '', config), config);
  const restarts = entriesWith(lines, 'orders: restart').map(({ timestamp }) => Date.parse(String(timestamp)));
  expect(restarts.length).toBeGreaterThan(0);
  const gaps = restarts.slice(1).map((at, index) => at - (restarts[index] ?? 0));
  expect(gaps.filter((gap) => gap < 59_900)).toEqual([]);
  // Two rotations of the same moment, and another one.
  expect(restarts.length).toBeLessThan(3);
}, 400_000);

interface Sent {
  readonly detail: RotatedEvent;
}

/** The events in a queue since the last call. */
async function newEvents(): Promise<readonly Sent[]> {
  const sqs = new SQS(config);
  const { Messages = [] } = await sqs.receiveMessage({
    QueueUrl: outputs['QueueUrl'],
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 43_200,
  });
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as Sent);
}

async function untilEvents(count: number): Promise<readonly Sent[]> {
  const all: Sent[] = [];
  await expect.poll(async () => all.push(...(await newEvents())), { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
  return all;
}

async function describedService(): Promise<Service> {
  const { services: [service = {}] = [] } = await ecs.describeServices({ cluster: 'shop', services: ['orders'] });
  return service;
}

async function deployedAt(): Promise<number> {
  const { deployments = [] } = await describedService();
  return Math.max(...deployments.map(({ createdAt }) => createdAt?.getTime() ?? 0));
}

/** Messages that are visible, or that the function has. */
async function waitingRestarts(): Promise<number> {
  const { Attributes = {} } = await new SQS(config).getQueueAttributes({
    QueueUrl: outputs['RestartQueueUrl'],
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  });
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}
