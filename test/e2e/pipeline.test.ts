import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormation, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import { SNS } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import { runCdkOrThrow } from '../../local/cloud/cdk.ts';
import { PROJECT } from '../../local/project.ts';
import { awsOptions } from '../support/servers.ts';
import { runPipeline } from './support/code-pipeline.ts';
import { type EnforcedAws, startEnforcedAws } from './support/enforced-aws.ts';
import { MemberAccount, SECRET } from './support/member-account.ts';

/** The commands of the CDK in docs/organisation.md. */
const COMMANDS = readFileSync(join(PROJECT, 'docs', 'organisation.md'), 'utf8').match(/(?<=`npx cdk )[^`]*/g) ?? [];

let aws: EnforcedAws;
/** The folder of the app of the pipeline. */
let repository: string;

beforeAll(async () => {
  aws = await startEnforcedAws();
  repository = mkdtempSync(join(aws.access.stateDir, 'repository-'));
});

afterAll(() => aws.stop());

test('a push adds a stage to the pipeline, which stops where an account fails, and a secret rotates', async () => {
  const [ready, broken] = ['111111111111', '222222222222'].map(
    (account) => new MemberAccount(aws.access.awsUrl, account),
  ) as [MemberAccount, MemberAccount];
  const user = await ready.createSecret();
  await push({ ready: ready.account });
  const [bootstrap = '', bootstrapOther = '', deploy = ''] = COMMANDS;
  await cdk(bootstrap, LOCAL_ACCOUNT);
  for (const { account } of [ready, broken]) {
    await cdk(bootstrapOther.replace('POLICY-ARN', 'arn:aws:iam::aws:policy/AdministratorAccess'), account);
  }
  await cdk(`${deploy} --require-approval never`, LOCAL_ACCOUNT, repository);
  await push({ broken: broken.account, ready: ready.account });

  await expect(runPipeline(aws.access, repository)).rejects.toThrow('broken/Deploy failed');
  const isRotated = async ({ secrets }: MemberAccount): Promise<unknown> =>
    (await secrets.describeSecret({ SecretId: SECRET })).RotationEnabled;
  expect(await isRotated(ready)).toBeUndefined();

  await broken.createSecret();
  const client = new CloudFormation(broken.options);
  const failed = { StackName: 'broken-zilliz-secret-rotation' };
  await client.deleteStack(failed);
  await waitUntilStackDeleteComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, failed);
  await runPipeline(aws.access, repository, 'broken');
  expect(await Promise.all([ready, broken].map(isRotated))).toEqual([true, true]);
  await (await ready.secret()).until();
  await ready.rotateAgain(user);
});

/** Writes what a reader changes in the copy of pipeline.ts, and a configuration for each stage. */
async function push(accounts: Readonly<Record<string, string>>): Promise<void> {
  const example = readFileSync(join(PROJECT, 'examples', 'organisation', 'pipeline.ts'), 'utf8');
  const app = example
    .replaceAll('123456789012', LOCAL_ACCOUNT)
    .replace("{ orders: '111122223333' }", JSON.stringify(accounts))
    .replace("'../../infra/index.ts'", `'${PROJECT}/infra/index.ts'`);
  const { TopicArn: topicArn } = await new SNS(awsOptions(aws.access.awsUrl)).createTopic({ Name: 'central' });
  const configuration = { function: { allowedEndpoints: ['127.0.0.1'] }, secrets: [{ name: SECRET }] };
  writeFileSync(join(repository, 'pipeline.ts'), app);
  writeFileSync(join(repository, 'cdk.json'), '{ "app": "node pipeline.ts" }');
  for (const name of Object.keys(accounts)) {
    // JSON is YAML.
    const yaml = JSON.stringify({ ...configuration, monitoring: { topicArn } });
    writeFileSync(join(repository, `${name}.yaml`), yaml);
  }
}

/** Runs a command of the CDK as an account. @param app Default: a folder without an app */
async function cdk(command: string, account: string, app = aws.access.stateDir): Promise<void> {
  const args = command
    .replace('PIPELINE-ACCOUNT', LOCAL_ACCOUNT)
    .replace('ACCOUNT/REGION', `${account}/${LOCAL_REGION}`)
    .replace('/REGION', `/${LOCAL_REGION}`)
    .split(' ');
  const environment = { account, region: LOCAL_REGION };
  await runCdkOrThrow(aws.access, { app, folder: aws.access.stateDir, args, environment });
}
