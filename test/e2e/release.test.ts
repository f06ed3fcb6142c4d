import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import {
  CloudFormation,
  type CreateStackCommandInput,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { S3 } from '@aws-sdk/client-s3';
import { SNS } from '@aws-sdk/client-sns';
import { beforeAll, describe, expect, it } from 'vitest';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { deployStacks } from '../../local/cloud/cdk.ts';
import { PROJECT, TESTS_BIN } from '../../local/project.ts';
import { expectRotated, newUserWithSecret, secretNamed } from '../support/deployed-rotation.ts';
import {
  awsOptions,
  canLogIn,
  documentOf,
  newClusterUser,
  servers,
  uniqueName,
  uniqueStackName,
} from '../support/servers.ts';
import { blocksOf } from './runbook/page.ts';
import { copyRelease } from './support/release-files.ts';

const run = promisify(execFile);

const { access } = servers();
const folder = mkdtempSync(join(access.stateDir, 'release-'));
const bucket = uniqueName('code').replace('_', '-');
const cloudFormation = new CloudFormation(awsOptions());
const cluster = { AllowedEndpoints: '127.0.0.1,localhost', ClusterCa: readFileSync(access.caFile, 'utf8') };

const COMMANDS = blocksOf('CloudFormation', 'sh', 'start.md');

/** Runs a block of the page in bash, with the AWS CLI. A reader makes the replacements. */
async function follow(block: string, replacements: Readonly<Record<string, string>>): Promise<void> {
  const script = Object.entries(replacements).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, block);
  const variables = { BUCKET: bucket, CA: cluster.ClusterCa };
  await run('bash', ['-euc', script], {
    cwd: folder,
    env: { ...awsEnvironment(access), ...variables, PATH: `${TESTS_BIN}${delimiter}${process.env['PATH']}` },
  });
}

function templateWith(StackName: string, parameters: Readonly<Record<string, string>>): CreateStackCommandInput {
  return {
    StackName,
    TemplateBody: readFileSync(join(folder, 'release', 'template.yaml'), 'utf8'),
    Capabilities: ['CAPABILITY_IAM'],
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  };
}

/** Gives other values to parameters, and keeps those of the others. */
async function renameSecrets(StackName: string, values: Readonly<Record<string, string>>): Promise<void> {
  const { Stacks: [deployed] = [] } = await cloudFormation.describeStacks({ StackName });
  await cloudFormation.updateStack({
    StackName,
    UsePreviousTemplate: true,
    Capabilities: ['CAPABILITY_IAM'],
    Parameters: deployed?.Parameters?.map(({ ParameterKey = '' }) => {
      const ParameterValue = values[ParameterKey];
      return ParameterValue === undefined ? { ParameterKey, UsePreviousValue: true } : { ParameterKey, ParameterValue };
    }),
  });
  await waitUntilStackUpdateComplete({ client: cloudFormation, maxWaitTime: 60, minDelay: 0.2 }, { StackName });
  await Promise.all(Object.values(values).flatMap((secret) => (secret === '' ? [] : [secretNamed(secret).until()])));
}

async function deleteStack(StackName: string): Promise<void> {
  await cloudFormation.deleteStack({ StackName });
  await waitUntilStackDeleteComplete({ client: cloudFormation, maxWaitTime: 60, minDelay: 0.2 }, { StackName });
}

beforeAll(async () => {
  await copyRelease(join(folder, 'release'));
  await new S3({ ...awsOptions(), forcePathStyle: true }).createBucket({ Bucket: bucket });
});

describe('the commands for CloudFormation in docs/start.md', () => {
  const stack = uniqueStackName('Released');

  it('are the upload, the stack, the first rotation, and rotation of another secret', () => {
    expect(COMMANDS.map((block) => /aws \S+ \S+/.exec(block)?.[0])).toEqual([
      'aws s3 cp',
      'aws cloudformation deploy',
      'aws secretsmanager rotate-secret',
      'aws cloudformation describe-stacks',
    ]);
  });

  it('deploy the zips of the release, and rotate a named secret', async () => {
    const { user, secret } = await newUserWithSecret('tls');
    const [upload = '', deploy = '', rotate = ''] = COMMANDS;
    await follow(upload, {});
    await follow(deploy, {
      'zilliz-rotation': stack,
      'SecretName1=milvus/orders': `SecretName1=${secret.name} AllowedEndpoints=${cluster.AllowedEndpoints} ClusterCa="$CA"`,
    });
    await secret.until();
    expect(await secret.password()).toBe(user.password);
    expect(await canLogIn(user)).toBe(true);

    await follow(rotate, { 'milvus/orders': secret.name });
    await secret.until();
    await expectRotated(secret, user);
    const { RotationRules } = await secret.describe();
    expect(RotationRules).toMatchObject({ ScheduleExpression: 'rate(30 days)' });

    const { secret: another } = await newUserWithSecret('tls');
    await renameSecrets(stack, { SecretName1: another.name, SecretName2: secret.name });
    await renameSecrets(stack, { SecretName1: another.name, SecretName2: '' });
    await deleteStack(stack);
    for (const each of [secret, another]) {
      expect(await each.describe()).toMatchObject({ RotationEnabled: true });
    }
    expect(Object.keys(await secret.labels())).toContain('AWSCURRENT');
  });

  it('rotate a pinned secret in the folder of a stack with alarms', async () => {
    const user = await newClusterUser('tls');
    const prefix = `${uniqueName('fleet')}/`;
    const secret = secretNamed(`${prefix}search`);
    await secret.create(documentOf(user));
    const { TopicArn = '' } = await new SNS(awsOptions()).createTopic({ Name: uniqueName('alarms') });
    const StackName = uniqueStackName('Folder');
    const Pins = JSON.stringify({ [secret.name]: { endpoint: user.endpoint.url, username: user.username } });
    const parameters = { ...cluster, CodeBucket: bucket, SecretNamePrefix: prefix, AlarmTopicArn: TopicArn, Pins };
    await cloudFormation.createStack(templateWith(StackName, parameters));
    await waitUntilStackCreateComplete({ client: cloudFormation, maxWaitTime: 60, minDelay: 0.2 }, { StackName });

    await follow(COMMANDS.at(-1) ?? '', { 'zilliz-rotation': StackName, 'milvus/search': secret.name });
    await secret.until();
    await expectRotated(secret, user);
    await deleteStack(StackName);
  });

  it.each([
    ['without a secret', '', 'Give SecretName1 or SecretNamePrefix.'],
    ['whose function could change its own pins', 'zilliz-rotation-pins/', 'SecretNamePrefix'],
  ])('refuse a stack %s', async (_, prefix, message) => {
    const stackOf = templateWith(uniqueStackName('Nothing'), { CodeBucket: bucket, SecretNamePrefix: prefix });
    await expect(cloudFormation.createStack(stackOf)).rejects.toThrow(message);
  });
});

describe('the example for the CDK in Python', () => {
  it('deploys the template and the zip of the release, and rotates a secret', async () => {
    const { user, secret } = await newUserWithSecret('tls');
    const app = join(PROJECT, 'examples', 'python-cdk');
    const written = join(folder, 'cdk');
    mkdirSync(written);
    const stack = uniqueStackName('Python');
    const context = Object.entries({
      stack,
      release: join(folder, 'release'),
      secret: secret.name,
      endpoints: cluster.AllowedEndpoints,
      ca: access.caFile,
    });
    const args = [
      ...['--all', '--app', `JSII_RUNTIME_PACKAGE_CACHE=disabled ${join(TESTS_BIN, 'python')} app.py`],
      ...context.flatMap(([key, value]) => ['--context', `${key}=${value}`]),
    ];
    await deployStacks(access, { app, folder: written, args });
    await secret.until();
    await secret.rotate();
    await expectRotated(secret, user);
    await deleteStack(stack);
  });
});
