import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ECS, type Service } from '@aws-sdk/client-ecs';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CloudSecret } from '../../bench/cloud/cloud-secret.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { startOperatorCommand } from '../../local/cloud/operator-command.ts';
import { TESTS_BIN } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { RotatedEvent } from '../../protocol/rotation/rotated-event.ts';
import { AWSCURRENT, sentLabel } from '../../protocol/secret/versions.ts';
import { awsCommandsIn } from '../support/aws-command-line.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../support/function-log.ts';
import { unusedEndpoint } from '../support/loopback.ts';
import { awsOptions, canLogIn, documentOf, newClusterUser } from '../support/servers.ts';
import { type EnforcedAws, startEnforcedAws } from './support/enforced-aws.ts';
import { policyOf } from './support/identities.ts';

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
  const version = randomUUID();
  await pair.store(documentOf(second), sentLabel(version), version);
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
  await Promise.all([single, pair].map((secret) => secret.reaches('idle')));
});

afterAll(() => aws.stop());

test('each rotation sends one event without a secret, for each strategy', async () => {
  const versions = await Promise.all([rotate(pair), rotate(single)]);
  const sent = await untilEvents(2);
  expect(sent.map(({ detail }) => [detail.secretName, detail.versionId]).toSorted()).toEqual([
    [pair.name, versions[0]],
    [single.name, versions[1]],
  ]);
  for (const event of sent) {
    expect(event).toMatchObject({ source: 'zilliz.rotation', 'detail-type': 'Credential Rotated' });
    expect(Object.keys(event.detail).toSorted()).toEqual(['rotatedAt', 'secretArn', 'secretName', 'versionId']);
  }
  expect(JSON.stringify(sent)).not.toContain((await single.credential(user.endpoint.url)).password);
});

test('if the role may not send the event, AWSCURRENT still moves to an accepted password, and the failure has its code', async () => {
  const iam = new IAM(config);
  const target = { RoleName: outputs['RoleName'], PolicyName: 'NoEvents' };
  const PolicyDocument = policyOf([{ Effect: 'Deny', Action: 'events:PutEvents', Resource: '*' }]);
  await iam.putRolePolicy({ ...target, PolicyDocument });
  const version = await rotate(single);
  const lines = await logLinesIn(await logGroupOf(outputs['FunctionArn'] ?? '', config), config);
  expect(entriesWith(lines, version, '"step-failed"')).toMatchObject([
    { step: 'finishSecret', error_code: 'EVENT_NOT_SENT', retryable: true, in_force: 'current' },
  ]);
  expect(await single.holder(AWSCURRENT)).toBe(version);
  expect(await canLogIn(await single.credential(user.endpoint.url))).toBe(true);
  expect(await newEvents()).toEqual([]);

  await iam.deleteRolePolicy(target);
  const { code, err } = await startOperatorCommand(aws.access, ['rotate', single.name]).result;
  expect(code, err).toBe(0);
  const next = await single.holder(AWSCURRENT);
  expect(next).not.toBe(version);
  expect((await untilEvents(1)).map(({ detail }) => detail.versionId)).toEqual([next]);
});

test('the role may send no other event', async () => {
  const iam = new IAM(config);
  const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName: outputs['RoleName'] });
  const policies = await Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = '' } = await iam.getRolePolicy({ RoleName: outputs['RoleName'], PolicyName });
      return { PolicyName, text: decodeURIComponent(PolicyDocument) };
    }),
  );
  const { PolicyName, text } = policies.find((policy) => policy.text.includes('events:PutEvents')) ?? { text: '' };
  const replace = (PolicyDocument: string) =>
    iam.putRolePolicy({ RoleName: outputs['RoleName'], PolicyName, PolicyDocument });
  for (const name of ['zilliz.rotation', 'Credential Rotated']) {
    await replace(text.replace(name, 'another'));
    await rotate(single);
    expect(await newEvents()).toEqual([]);
  }
  await replace(text);
  await rotate(single);
  expect(await untilEvents(1)).toHaveLength(1);
});

test('a repair that makes another version AWSCURRENT sends the event too', async () => {
  const accepted = await storeWrongPassword();
  const { code } = await startOperatorCommand(aws.access, ['repair', single.name, '--yes']).result;
  expect(code).toBe(0);
  expect((await untilEvents(1)).map(({ detail }) => detail.versionId)).toEqual([accepted]);
});

test('if a repair cannot send the event, its advised command sends it, with only the profile', async () => {
  const accepted = await storeWrongPassword();
  const configFile = join(aws.access.stateDir, 'config');
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key, ...environment } = awsEnvironment(aws.access);
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...others } = environment;
  writeFileSync(configFile, `[profile shop]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`);
  const env = { AWS_CONFIG_FILE: configFile, AWS_ENDPOINT_URL_EVENTBRIDGE: (await unusedEndpoint()).url };
  const { code, err } = await startOperatorCommand(aws.access, ['repair', single.name, '--yes', '--profile', 'shop'], {
    env,
  }).result;
  expect(code, err).toBe(0);
  expect(await newEvents()).toEqual([]);
  const [advised = ''] = awsCommandsIn(err);
  const PATH = [TESTS_BIN, process.env['PATH']].join(delimiter);
  await promisify(execFile)('sh', ['-c', advised], { env: { ...others, PATH, AWS_CONFIG_FILE: configFile } });
  expect((await untilEvents(1)).map(({ detail }) => detail.versionId)).toEqual([accepted]);
});

test('a failed deployment of the service, and no other event of ECS, ends in the dead letters', async () => {
  const bridge = new EventBridge(config);
  const { RuleNames: [Name] = [] } = await bridge.listRuleNamesByTarget({ TargetArn: outputs['DeadLetterArn'] });
  const { EventPattern = '' } = await bridge.describeRule({ Name });
  // Nobody but ECS may send its events, and the local ECS deploys nothing.
  await bridge.putRule({ Name, EventPattern: EventPattern.replace('"aws.ecs"', '"test.ecs"') });
  const service = (await describedService()).serviceArn ?? '';
  const events = [
    [service, 'SERVICE_DEPLOYMENT_COMPLETED'],
    [`${service}-of-others`, 'SERVICE_DEPLOYMENT_FAILED'],
    [service, 'SERVICE_DEPLOYMENT_FAILED'],
  ] as const;
  const Entries = events.map(([arn, eventName]) => ({
    Source: 'test.ecs',
    DetailType: 'ECS Deployment State Change',
    Resources: [arn],
    Detail: JSON.stringify({ eventType: 'ERROR', eventName, deploymentId: 'ecs-svc/123' }),
  }));
  expect(await bridge.putEvents({ Entries })).toMatchObject({ FailedEntryCount: 0 });
  const letters: object[] = [];
  const count = async (): Promise<number> => letters.push(...(await newEvents('DeadLetterUrl')));
  await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(letters).toMatchObject([{ resources: [service], detail: { eventName: 'SERVICE_DEPLOYMENT_FAILED' } }]);
});

test('the service restarted at most once a minute, and once more after the last rotation', async () => {
  const last = await rotate(pair);
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
  // Two rotations of the same moment, four others and a repair.
  expect(restarts.length).toBeLessThan(7);
}, 400_000);

/** @returns the version that was in AWSCURRENT, and that the cluster accepts. */
async function storeWrongPassword(): Promise<string | undefined> {
  const accepted = await single.holder(AWSCURRENT);
  await single.store(documentOf({ ...user, password: 'Wrong-by-hand-1' }));
  return accepted;
}

interface Sent {
  readonly detail: RotatedEvent;
}

/** The events in a queue since the last call. */
async function newEvents(queue = 'QueueUrl'): Promise<readonly Sent[]> {
  const sqs = new SQS(config);
  const { Messages = [] } = await sqs.receiveMessage({
    QueueUrl: outputs[queue],
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

/** @returns the id of the version that the rotation makes */
async function rotate(secret: CloudSecret): Promise<string> {
  const version = randomUUID();
  await secret.startRotation(version);
  await secret.reaches('idle');
  return version;
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
