import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormation, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { S3 } from '@aws-sdk/client-s3';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { SNS } from '@aws-sdk/client-sns';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reproducibleZip } from '../../build/release/function-archive.ts';
import { writeRelease } from '../../build/release/write-release.ts';
import { type AwsOptions, awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import { cdkVariables } from '../../local/cloud/cdk.ts';
import { emulatorRequest, setRetries, untilRotation } from '../../local/cloud/emulator-control.ts';
import { COMPILE_CACHE, NODE_BIN, PROJECT, TESTS_BIN } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { LOG_FIELD } from '../../telemetry/log-line.ts';
import { DIMENSION, METRIC, METRIC_NAMESPACE } from '../../telemetry/metrics.ts';
import { rotationSettles } from '../support/deployed-rotation.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../support/function-log.ts';
import {
  awsOptions,
  canLogIn,
  changePasswordOutside,
  documentOf,
  newClusterUser,
  servers,
} from '../support/servers.ts';
import { runPipeline } from './support/code-pipeline.ts';
import { type EnforcedAws, startEnforcedAws } from './support/enforced-aws.ts';
import { createUser, policyOf } from './support/identities.ts';
import { subscribe } from './support/subscriber.ts';

const run = promisify(execFile);

const PAGE = readFileSync(join(PROJECT, 'docs', 'organisation.md'), 'utf8');

/** The blocks of commands below each heading of the page. */
const BLOCKS: ReadonlyMap<string, readonly string[]> = new Map(
  PAGE.split(/^## /m).map((section) => [
    section.split('\n', 1)[0] ?? '',
    [...section.matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(([, block = '']) => block),
  ]),
);

/** The secret of each account. */
const SECRET = 'milvus/orders';

const folder = mkdtempSync(join(servers().access.stateDir, 'organisation-'));
let aws: EnforcedAws;

beforeAll(async () => {
  aws = await startEnforcedAws();
  await writeRelease(PROJECT, join(folder, 'release'));
  symlinkSync(join(PROJECT, 'examples'), join(folder, 'examples'));
  // Runs the command of this clone.
  const npx = `#!/bin/sh\nshift\nexec node '${join(PROJECT, 'cli', 'main.ts')}' "$@"\n`;
  writeFileSync(join(folder, 'npx'), npx, { mode: 0o755 });
  writeFileSync(join(folder, 'variables'), '');
});

afterAll(() => aws.stop());

/** Runs commands in bash as an account, with the variables of the page. @returns what they print */
async function bash(script: string, account = LOCAL_ACCOUNT, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await run('bash', ['--norc', '-euc', `. ./variables\n${script}`], {
    cwd: folder,
    env: {
      ...awsEnvironment(aws.access),
      AWS_ACCESS_KEY_ID: account,
      ALLOWED_ENDPOINTS: '127.0.0.1',
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      PATH: [folder, TESTS_BIN, NODE_BIN, process.env['PATH']].join(delimiter),
      ...env,
    },
  });
  return stdout.trim();
}

/**
 * Runs the blocks of a section, and keeps the variables and the function of the page. A reader
 * makes the replacements.
 */
async function follow(heading: string, replacements: Readonly<Record<string, string>> = {}): Promise<void> {
  const variables = 'declare -p OU AWS_REGION ORGANIZATION BUCKET TOPIC SINK';
  const keep = `{ ${variables}; declare -f output; } >variables 2>/dev/null || true`;
  for (const block of BLOCKS.get(heading) ?? []) {
    const script = Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), block);
    await bash(`${script}\n${keep}`);
  }
}

/** An account of the organisation, with one secret. */
class Member {
  readonly account: string;
  readonly options: AwsOptions;
  readonly secrets: SecretsManager;

  private constructor(account: string) {
    this.account = account;
    this.options = awsOptions(aws.access.awsUrl, { account, region: LOCAL_REGION });
    this.secrets = new SecretsManager(this.options);
  }

  static async create(name: string): Promise<Member> {
    const create = `aws organizations create-account --account-name ${name} --email ${name}@example.com`;
    return new Member(await bash(`${create} --output text --query CreateAccountStatus.AccountId`));
  }

  /** Creates an account, and moves it into the organizational unit. */
  static async join(name: string): Promise<Member> {
    const member = await Member.create(name);
    await bash(
      `aws organizations move-account --account-id ${member.account} --source-parent-id "${ROOT}" --destination-parent-id "$OU"`,
    );
    return member;
  }

  /** @returns the cluster user of the new secret */
  async createSecret(Name = SECRET): Promise<Credentials> {
    const user = await newClusterUser('plaintext');
    await this.secrets.createSecret({ Name, SecretString: documentOf(user) });
    return user;
  }

  /** Pins the secret and rotates it once, with the commands of the page. */
  async rotateAsOwner(
    { endpoint, username }: Pick<Credentials, 'endpoint' | 'username'>,
    secret = SECRET,
  ): Promise<void> {
    for (const block of BLOCKS.get('Rotate a secret of an account') ?? []) {
      const script = block
        .replaceAll('https://HOST:PORT', endpoint.url)
        .replaceAll('Username=orders', `Username=${username}`)
        .replaceAll('orders-rotation', secret.replace('/', '-'))
        .replaceAll(SECRET, secret);
      await bash(script, this.account);
      await this.rotationSettles(secret);
    }
  }

  async secretArn(SecretId = SECRET): Promise<string> {
    return (await this.secrets.describeSecret({ SecretId })).ARN ?? '';
  }

  async currentPassword(): Promise<string> {
    return parseDocument((await this.secrets.getSecretValue({ SecretId: SECRET })).SecretString ?? '').password;
  }

  /** Rotates the secret once more. */
  async rotateAgain(): Promise<void> {
    const former = await this.currentPassword();
    await this.secrets.rotateSecret({ SecretId: SECRET });
    await this.rotationSettles();
    expect(await this.currentPassword()).not.toBe(former);
  }

  /** Stores the same value during a rotation. */
  async abandonRotation(): Promise<void> {
    const secret = await this.secretArn();
    const value = await this.secrets.getSecretValue({ SecretId: secret });
    await emulatorRequest(aws.access, 'PUT', 'hold', { secret, step: 'setSecret' });
    await this.secrets.rotateSecret({ SecretId: secret });
    await untilRotation(aws.access, secret, 'held', 60);
    await this.secrets.putSecretValue({ SecretId: secret, SecretString: value.SecretString });
    await this.rotationSettles();
  }

  /** The id of the statement that lets Secrets Manager invoke the function. */
  async invokePermission(): Promise<string> {
    const { Policy = '' } = await new Lambda(this.options).getPolicy({ FunctionName: 'zilliz-rotation' });
    const { Statement } = JSON.parse(Policy) as { Statement: { Sid: string; Principal: object }[] };
    return Statement.find(({ Principal }) => JSON.stringify(Principal).includes('secretsmanager'))?.Sid ?? '';
  }

  /** The values of the dimension `service` with which the function has published a metric. */
  async published(metric: string): Promise<unknown[]> {
    const lines = await logLinesIn(await logGroupOf('zilliz-rotation', this.options), this.options);
    const published = entriesWith(lines, '"_aws"', `"${metric}"`).filter((entry) => {
      const { CloudWatchMetrics } = entry['_aws'] as {
        CloudWatchMetrics: { Namespace: string; Dimensions: string[][] }[];
      };
      return CloudWatchMetrics.some(
        ({ Namespace, Dimensions }) =>
          Namespace === METRIC_NAMESPACE && Dimensions.some((names) => names.join() === DIMENSION.service),
      );
    });
    return [...new Set(published.map((entry) => entry[DIMENSION.service]))];
  }

  async rotationSettles(secret = SECRET): Promise<void> {
    await rotationSettles(await this.secretArn(secret), 'idle', aws.access.awsUrl);
  }

  /** The codes with which steps for the secret failed. */
  async failures(secret: string): Promise<unknown[]> {
    const lines = await logLinesIn(await logGroupOf('zilliz-rotation', this.options), this.options);
    return [
      ...new Set(
        entriesWith(lines, `secret:${secret}-`, LOG_FIELD.errorCode).map((entry) => entry[LOG_FIELD.errorCode]),
      ),
    ];
  }
}

/** The role of the pipeline in the central account. */
const PIPELINE_ROLE = 'inventory-pipeline';

async function createPipelineRole(): Promise<void> {
  const iam = new IAM(awsOptions(aws.access.awsUrl));
  const trust = { Effect: 'Allow', Principal: { AWS: LOCAL_ACCOUNT }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await iam.createRole({ RoleName: PIPELINE_ROLE, AssumeRolePolicyDocument });
  const PolicyDocument = policyOf([
    { Action: 'cloudformation:ListStackInstances' },
    { Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::*:role/zilliz-rotation-inventory' },
  ]);
  await iam.putRolePolicy({ RoleName: PIPELINE_ROLE, PolicyName: 'inventory', PolicyDocument });
}

/** The command that lets the next commands act as a role. */
function assumeRole(account: string, role: string): string {
  const assume = `aws sts assume-role --role-arn arn:aws:iam::${account}:role/${role} --role-session-name test`;
  const query = "--output text --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]'";
  return `session=$(${assume} ${query})
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$session"
export AWS_SESSION_TOKEN`;
}

const ROOT = "$(aws organizations list-roots --query 'Roots[0].Id' --output text)";

describe('docs/organisation.md', () => {
  let members: readonly Member[];
  let orders: Member;
  let search: Member;
  let user: Credentials;
  let received: () => Promise<readonly string[]>;

  test('deploys into the accounts of the unit', async () => {
    const unit = await bash(
      `aws organizations create-organizational-unit --parent-id "${ROOT}" --name clusters --output text --query OrganizationalUnit.Id`,
    );
    await follow('Before you start', { 'ou-abcd-12345678': unit });
    [orders, search] = await Promise.all([Member.join('orders'), Member.join('search')]);
    const local = '--parameters ParameterKey=AllowedEndpoints,ParameterValue=127.0.0.1';
    await follow('Deploy into all accounts', { '--parameters': local });
    await deployed([orders, search]);
    await follow('Alarms of all accounts');
    received = await subscribe(awsOptions(aws.access.awsUrl), await bash('echo "$TOPIC"'));
  });

  test('lets each account of the organisation read the code, and no other account', async () => {
    const Bucket = await bash('echo "$BUCKET"');
    const s3 = (options: AwsOptions): S3 => new S3({ ...options, forcePathStyle: true });
    const { Contents = [] } = await s3(awsOptions(aws.access.awsUrl)).listObjectsV2({ Bucket });
    expect(Contents).toHaveLength(2);
    const object = { Bucket, Key: Contents[0]?.Key };
    expect((await s3(orders.options).getObject(object)).ContentLength).toBe(Contents[0]?.Size);
    const stranger = awsOptions(aws.access.awsUrl, { account: '999999999999', region: LOCAL_REGION });
    await expect(s3(stranger).getObject(object)).rejects.toThrow('Access Denied');
  });

  test('gives a new account rotation without another step of the platform team', async () => {
    members = [await Member.join('newcomer'), search, orders];
    await deployed(members);
    const rotate = async (member: Member): Promise<Credentials> => {
      const created = await member.createSecret();
      await member.rotateAsOwner(created);
      await expectRotated(member, created);
      return created;
    };
    [, user] = (await Promise.all(members.map(rotate))) as [Credentials, Credentials];
  });

  test('updates the code in all accounts, and a later account gets it too', async () => {
    const before = await Promise.all(members.map(codeOf));
    const { version, sha256 } = await writeNextRelease();
    await bash(BLOCKS.get('Deploy into all accounts')?.[1] ?? '');
    const local = '--parameters ParameterKey=AllowedEndpoints,UsePreviousValue=true';
    await follow('Update all accounts', { '--parameters': local });
    await deployed(members);
    const late = await Member.join('late');
    await deployed([...members, late]);

    const updated = { sha256, description: expect.stringContaining(version), allowedEndpoints: '127.0.0.1' };
    expect(before).not.toContainEqual(updated);
    expect(await Promise.all([...members, late].map(codeOf))).toEqual([updated, updated, updated, updated]);
    await orders.rotateAgain();
    members = [...members, late];
  });

  test('lists every account without a finding', async () => {
    const [role = '', inventory = ''] = BLOCKS.get('Inventory of all accounts') ?? [];
    await bash(role.replace('PIPELINE-ROLE', PIPELINE_ROLE));
    await deployed(members, 'zilliz-rotation-inventory');
    await createPipelineRole();
    expect(await exitCodeOf(inventory)).toBe(0);
    // The late account has no secret.
    expect(findings()).toEqual(Object.fromEntries(members.slice(0, 3).map(({ account }) => [account, []])));
  });

  test('lets only the role of the pipeline read the values of all accounts', async () => {
    await expect(bash(assumeRole(orders.account, 'zilliz-rotation-inventory'))).rejects.toThrow('AccessDenied');
  });

  test('fails the inventory if Secrets Manager may not invoke the function of an account', async () => {
    const [, inventory = ''] = BLOCKS.get('Inventory of all accounts') ?? [];
    const lambda = new Lambda(orders.options);
    const permission = { FunctionName: 'zilliz-rotation', StatementId: await orders.invokePermission() };
    await lambda.removePermission(permission);
    expect(await exitCodeOf(inventory)).toBe(3);
    expect(findings()[orders.account]).toEqual(['function-not-invocable']);
    const Principal = 'secretsmanager.amazonaws.com';
    const allowed = { Action: 'lambda:InvokeFunction', Principal, SourceAccount: orders.account };
    await lambda.addPermission({ ...permission, ...allowed });
    expect(await exitCodeOf(inventory)).toBe(0);
  });

  test('sends the alarm of a failed rotation to the central topic', async () => {
    await changePasswordOutside({ ...user, password: await search.currentPassword() });
    const SecretId = await search.secretArn();
    await setRetries(aws.access, SecretId, 0);
    await received();
    await search.secrets.rotateSecret({ SecretId, RotationRules: { AutomaticallyAfterDays: 1 } });
    await search.rotationSettles();
    const alarm = new RegExp(`"AlarmName": "[^"]*RotationFailed.*"AWSAccountId": "${search.account}"`, 's');
    expect(await received()).toContainEqual(expect.stringMatching(alarm));
  });

  test('sends the event of an abandoned rotation to the central topic, and no message of a person', async () => {
    const [newcomer] = members as [Member];
    await newcomer.abandonRotation();
    await expect
      .poll(received)
      .toContainEqual(expect.stringContaining(`RotationAbandoned: ${await newcomer.secretArn()}`));

    const TopicArn = await bash('echo "$TOPIC"');
    const person = new SNS(await createUser(newcomer.options, [{ Action: 'sns:Publish' }]));
    await expect(person.publish({ TopicArn, Message: 'by a person' })).rejects.toThrow('not authorized');
  });

  test('creates a central dashboard that searches the metrics of all linked accounts', async () => {
    await follow('A dashboard of all accounts');
    await deployed(members, 'zilliz-rotation-link-$AWS_REGION');
    const { DashboardBody = '' } = await new CloudWatch(awsOptions(aws.access.awsUrl)).getDashboard({
      DashboardName: `zilliz-rotation-${LOCAL_REGION}`,
    });
    const { widgets } = JSON.parse(DashboardBody) as { widgets: { properties: { metrics: object[][] } }[] };
    const searchFor = (metric: string, statistic: string): object => ({
      expression: `SEARCH('{${METRIC_NAMESPACE},${DIMENSION.service}} MetricName="${metric}"', '${statistic}')`,
      label: `$${"{PROP('AccountLabel')}"} $${"{PROP('AccountId')}"}`,
    });
    expect(widgets.map(({ properties }) => properties.metrics)).toEqual([
      [[searchFor(METRIC.stepFailed, 'Sum')]],
      [[searchFor(METRIC.overdueSecrets, 'Maximum')]],
    ]);
    expect(await search.published(METRIC.stepFailed)).toEqual(['zilliz-rotation']);
  });

  test('links no account of another organisation', async () => {
    const deploy =
      'aws cloudformation deploy --stack-name link --template-file examples/organisation/dashboard-link.yaml --parameter-overrides Sink="$SINK"';
    await expect(bash(deploy, '999999999999')).rejects.toThrow('Failed to create/update the stack');
    const reasons =
      'aws cloudformation describe-stack-events --stack-name link --query "StackEvents[].ResourceStatusReason"';
    expect(await bash(reasons, '999999999999')).toContain('does not allow a link');
  });

  test('fails the inventory if a rotation is overdue or off', async () => {
    const [, inventory = ''] = BLOCKS.get('Inventory of all accounts') ?? [];
    await orders.secrets.cancelRotateSecret({ SecretId: SECRET });
    expect(await exitCodeOf(inventory, 3)).toBe(3);
    const found = findings();
    expect(found[orders.account]).toEqual(['rotation-off']);
    expect(found[search.account]).toContain('overdue');
    expect(found[members[0]?.account ?? '']).toEqual([]);
  });

  test('fails the pipeline and names each account in which the deployment of a StackSet failed', async () => {
    const [, , deployments = ''] = BLOCKS.get('Inventory of all accounts') ?? [];
    expect(await bash(deployments)).toBe('');
    // No account can link to a sink that does not exist.
    const [, link = ''] = BLOCKS.get('A dashboard of all accounts') ?? [];
    await bash(link.replaceAll('zilliz-rotation-link-$AWS_REGION', 'failing').replace('$SINK', '$SINK-absent'));
    const inFailing = deployments.replace('zilliz-rotation-$AWS_REGION', 'failing');
    const printed = async (): Promise<string[]> =>
      (await bash(`(\n${inFailing}\n) || echo "exit $?"`))
        .split('\n')
        .map((line) => line.split('\t')[0] ?? '')
        .toSorted();
    const accounts = members.map(({ account }) => account);
    await expect.poll(printed, { timeout: 60_000 }).toEqual([...accounts, 'exit 1'].toSorted());
  });

  test('refuses a secret that names another user or host than its pins, and a secret without pins', async () => {
    const [member] = members as [Member];
    const names = ['milvus/other-user', 'milvus/other-host', 'milvus/unpinned'] as const;
    const [otherUser, otherHost, unpinned] = names;
    const users = await Promise.all(names.map((name) => member.createSecret(name)));
    const [{ endpoint }, { username }] = users as [Credentials, Credentials];
    await member.rotateAsOwner({ endpoint, username: 'orders' }, otherUser);
    await member.rotateAsOwner({ endpoint: { ...endpoint, url: 'https://other.example.com' }, username }, otherHost);
    const { RotationLambdaARN } = await member.secrets.describeSecret({ SecretId: otherUser });
    const RotationRules = { ScheduleExpression: 'rate(30 days)' };
    await member.secrets.rotateSecret({ SecretId: unpinned, RotationLambdaARN, RotationRules });
    await member.rotationSettles(unpinned);
    expect(await Promise.all(names.map((name) => member.failures(name)))).toEqual([
      ['CURRENT_INVALID'],
      ['ENDPOINT_REFUSED'],
      ['PINS_UNREADABLE'],
    ]);
    expect(await Promise.all(users.map((created) => canLogIn(created)))).toEqual([true, true, true]);

    const [, inventory = ''] = BLOCKS.get('Inventory of all accounts') ?? [];
    const [, codes = ''] = /^ *CODES=(.*)$/m.exec(inventory) ?? [];
    await exitCodeOf(inventory);
    const { secrets } = inventoryFile();
    const { findings: found = [] } = secrets.find(({ arn }) => arn.includes(unpinned)) ?? {};
    expect(found.map(({ code }) => code).filter((code) => codes.split(',').includes(code))).toEqual(['not-configured']);
  });

  test('a push adds a stage to the pipeline, which stops where an account fails, and a secret rotates', async () => {
    const staged = [await Member.create('one'), await Member.create('two'), await Member.create('three')];
    const [one, two, three] = staged as [Member, Member, Member];
    const created = await one.createSecret();
    await three.createSecret();
    await push({ one: one.account });
    const [bootstrap = '', bootstrapOther = '', deploy = ''] = PAGE.match(/(?<=`)npx cdk [^`]*/g) ?? [];
    await cdk(bootstrap, LOCAL_ACCOUNT);
    for (const { account } of staged) {
      await cdk(bootstrapOther.replace('POLICY-ARN', 'arn:aws:iam::aws:policy/AdministratorAccess'), account);
    }
    await cdk(`cd repository\n${deploy} --require-approval never`, LOCAL_ACCOUNT);
    await push({ one: one.account, two: two.account, three: three.account });

    await expect(runPipeline(aws.access, repository)).rejects.toThrow('two/Deploy failed');
    const hasRotation = async ({ secrets }: Member): Promise<unknown> =>
      (await secrets.describeSecret({ SecretId: SECRET })).RotationEnabled;
    expect(await Promise.all([one, three].map(hasRotation))).toEqual([true, undefined]);

    await two.createSecret();
    const client = new CloudFormation(two.options);
    const failed = { StackName: 'two-zilliz-secret-rotation' };
    await client.deleteStack(failed);
    await waitUntilStackDeleteComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, failed);
    await runPipeline(aws.access, repository, 'two');
    expect(await Promise.all(staged.map(hasRotation))).toEqual([true, true, true]);
    await Promise.all(staged.map((member) => member.rotationSettles()));
    await one.rotateAgain();
    await expectRotated(one, created);
  });
});

/** What Lambda says about the function of an account. */
async function codeOf({ options }: Member): Promise<object> {
  const found = await new Lambda(options).getFunctionConfiguration({ FunctionName: 'zilliz-rotation' });
  const allowedEndpoints = found.Environment?.Variables?.['ALLOWED_ENDPOINTS'];
  return { sha256: found.CodeSha256, description: found.Description, allowedEndpoints };
}

/** Replaces the release by one whose rotation function has other code. @returns its version */
async function writeNextRelease(): Promise<{ readonly version: string; readonly sha256: string }> {
  const release = join(folder, 'release');
  const former = readdirSync(release).find((file) => file.startsWith('rotation-function-')) ?? '';
  const [, hash = ''] = /-([0-9a-f]{12})\.zip$/.exec(former) ?? [];
  const files = unzipSync(readFileSync(join(release, former)));
  const texts = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
  const zip = reproducibleZip({ ...texts, 'index.js': `${texts['index.js']}\n// The next version.` });
  const sha = createHash('sha256').update(zip);
  const version = sha.copy().digest('hex').slice(0, 12);
  writeFileSync(join(release, former.replace(hash, version)), zip);
  const template = join(release, 'template.yaml');
  writeFileSync(template, readFileSync(template, 'utf8').replaceAll(hash, version));
  return { version, sha256: sha.digest('base64') };
}

/** The app of the pipeline. */
const repository = join(folder, 'repository');

/** Writes what a reader changes in the copy of pipeline.ts, and a configuration for each stage. */
async function push(accounts: Readonly<Record<string, string>>): Promise<void> {
  const example = readFileSync(join(PROJECT, 'examples', 'organisation', 'pipeline.ts'), 'utf8');
  const app = example
    .replaceAll('123456789012', LOCAL_ACCOUNT)
    .replace("{ orders: '111122223333' }", JSON.stringify(accounts))
    .replace("'../../infra/index.ts'", `'${PROJECT}/infra/index.ts'`);
  const topicArn = await bash('echo "$TOPIC"');
  const configuration = { function: { allowedEndpoints: ['127.0.0.1'] }, secrets: [{ name: SECRET }] };
  mkdirSync(repository, { recursive: true });
  writeFileSync(join(repository, 'pipeline.ts'), app);
  writeFileSync(join(repository, 'cdk.json'), '{ "app": "node pipeline.ts" }');
  for (const name of Object.keys(accounts)) {
    // JSON is YAML.
    const yaml = JSON.stringify({ ...configuration, monitoring: { topicArn } });
    writeFileSync(join(repository, `${name}.yaml`), yaml);
  }
}

/** Runs commands of the CDK as an account. */
async function cdk(script: string, account: string): Promise<void> {
  const replaced = script
    .replace('PIPELINE-ACCOUNT', LOCAL_ACCOUNT)
    .replace('ACCOUNT/REGION', `${account}/${LOCAL_REGION}`)
    .replace('/REGION', `/${LOCAL_REGION}`);
  await bash(replaced, account, cdkVariables(aws.access, { account, region: LOCAL_REGION }));
}

/** Waits as the page says. */
async function deployed(members: readonly Member[], stackSet = 'zilliz-rotation-$AWS_REGION'): Promise<void> {
  const list = (BLOCKS.get('Deploy into all accounts')?.at(-1) ?? '').replace('zilliz-rotation-$AWS_REGION', stackSet);
  const expected = members.map(({ account }) => `${account}\tSUCCEEDED`).toSorted();
  const printed = async (): Promise<string[]> => (await bash(list)).split('\n').toSorted();
  await expect.poll(printed, { timeout: 60_000, interval: 1_000 }).toEqual(expected);
}

async function expectRotated(member: Member, former: Credentials): Promise<void> {
  const password = await member.currentPassword();
  expect(password).not.toBe(former.password);
  expect(await canLogIn({ ...former, password })).toBe(true);
}

/**
 * Runs a script as the role of the pipeline.
 *
 * @param days by which the clock of the command is ahead
 */
async function exitCodeOf(script: string, days = 0): Promise<number> {
  const later = `const{now}=Date;Date.now=()=>now()+${days}*864e5`;
  const NODE_OPTIONS = `--import=data:text/javascript,${later}`;
  const asPipeline = assumeRole(LOCAL_ACCOUNT, PIPELINE_ROLE);
  const ended = `(\n${script}\n) || code=$?\necho "exit \${code:-0}"`;
  const printed = await bash(`${asPipeline}\n${ended}`, LOCAL_ACCOUNT, { NODE_OPTIONS });
  return Number(/exit (\d+)/.exec(printed)?.[1]);
}

function inventoryFile(): { readonly secrets: readonly { arn: string; findings: { code: string }[] }[] } {
  return JSON.parse(readFileSync(join(folder, 'inventory.json'), 'utf8')) as ReturnType<typeof inventoryFile>;
}

/** The codes of the findings of each account in inventory.json. */
function findings(): Record<string, string[]> {
  const { secrets } = inventoryFile();
  return Object.fromEntries(secrets.map(({ arn, findings: of }) => [arn.split(':')[4], of.map(({ code }) => code)]));
}
