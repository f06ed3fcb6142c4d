import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { Lambda } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';
import { PRODUCT } from '../../telemetry/product-version.ts';
import { expectRotated, newSecret, secretNamed } from '../support/deployed-rotation.ts';
import { DeployedStack } from '../support/deployed-stack.ts';
import { packAll } from '../support/packed.ts';
import { awsOptions, canLogIn, newClusterUser, uniqueName } from '../support/servers.ts';
import { runbookCommands } from './runbook/page.ts';
import { runAws } from './support/aws-command.ts';
import { runCommand } from './support/operator-command.ts';
import { install, newPackageApp, PREVIOUS, RELEASED } from './support/package-app.ts';

/** The list of docs/upgrading.md. */
const NEVER_REPLACED = [
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::RotationSchedule',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
];

const ROTATE = 'npx zilliz-rotation rotate SECRET';
const STATUS = 'npx zilliz-rotation status SECRET';

/** The app of a user of the package. */
const app = newPackageApp();
const stack = new DeployedStack([], { monitoring: {} }, app);
const created = secretNamed(uniqueName('zilliz/created'));
let existing: CloudSecret;
let users: Record<string, Credentials>;
/** The physical ids of what an upgrade never replaces, by logical id. */
let before: Record<string, string>;
/** What `cdk diff` shows before the upgrade. */
let differences: string;

beforeAll(async () => {
  const [creator, user] = [await newClusterUser('tls'), await newClusterUser('tls')];
  const { username, password } = user;
  existing = await newSecret(JSON.stringify({ username, password }), { [ENDPOINT_TAG]: user.endpoint.url });
  users = { [created.name]: creator, [existing.name]: user };
  stack.entries = [
    { create: created.name, endpoint: creator.endpoint.url, username: creator.username },
    { name: existing.name, endpoint: user.endpoint.url, username },
  ];
  await install(PREVIOUS, app);
  await stack.deploy();
  await created.edit({ password: creator.password });
  before = await keptResources();
});

describe('docs/upgrading.md, from the previous packed version', () => {
  test('shows no replacement before the deployment', async () => {
    await rotateBoth();
    await install((await packAll()).constructs, app);
    await run(STATUS, { SECRET: existing.name });
    differences = String(await run('npx cdk diff'));
    // The differences are those of a change set, which knows replacements.
    expect(differences).toMatch(/^✨ {2}Number of stacks with differences: [01]$/m);
    const replaced = differences.match(/^\[-\].*|^\[.\].*replace.*/gm) ?? [];
    expect(replaced.filter((line) => NEVER_REPLACED.includes(line.split(' ')[1] ?? ''))).toEqual([]);
  });

  test.skipIf(PREVIOUS.tarball !== RELEASED)('from 0.1.0, moves the pins and removes a filter', async () => {
    expect(differences).toContain('Number of stacks with differences: 1');
    expect(differences).toMatch(/^\[-\] AWS::Logs::MetricFilter .*FailedSteps.* destroy/m);
    // The former version has the pins in its environment, this one in a secret.
    expect(JSON.parse(await pinsVariable())).toEqual({
      [existing.name]: { endpoint: users[existing.name]?.endpoint.url, username: users[existing.name]?.username },
    });
  });

  test('replaces nothing, and both secrets rotate before and after', async () => {
    await run('npx cdk deploy');
    expect(await pinsVariable()).toMatch(/^pins:zilliz-rotation-pins\/.*:1:all$/);
    expect(await keptResources()).toMatchObject(before);
    await rotateBoth();
    ran.add('npx zilliz-rotation doctor SECRET');
    // The exit code may be 3, because the test of the secret that the stack created raised an
    // alarm.
    const { out } = await runCommand('doctor', existing.name);
    expect(/function: .* version ([^,]+),/.exec(out)?.[1]?.split('+')).toEqual([
      PRODUCT.version,
      expect.stringMatching(/^[0-9a-f]{12}$/),
    ]);
  });

  test('goes back, and the previous version continues from what the newer version has stored', async () => {
    await install(PREVIOUS, app);
    await run('npx cdk deploy');
    expect(await keptResources()).toEqual(before);
    await rotateBoth();
    expectWholePage('upgrading.md');
  });
});

test('this version keeps the rotation of a secret whose entry goes, and says that its function refuses it', async () => {
  await install((await packAll()).constructs, app);
  await stack.deploy();
  stack.entries = stack.entries.filter(({ name }) => name !== existing.name);
  await stack.deploy();
  expect(await schedules()).toBe(1);
  for (const secret of [created, existing]) {
    expect(await secret.describe()).toMatchObject({ RotationEnabled: true });
  }
  expect((await runCommand('status', existing.name)).out).toContain('(not-configured)');
});

describe('docs/uninstalling.md', () => {
  test('keeps credentials, labels, tags and logs, and deletes the rest', async () => {
    const secrets = [created, existing];
    const kept = await Promise.all(secrets.map(stateOf));
    const logGroups = await idsOf('AWS::Logs::LogGroup');
    await run(STATUS, { SECRET: created.name });
    const logging = await run('aws lambda get-function-configuration --function-name FUNCTION --query LoggingConfig', {
      FUNCTION: stack.functionArn,
    });
    const { LogGroup: LOG_GROUP } = logging as { LogGroup: string };
    expect(logGroups).toContain(LOG_GROUP);
    expect(await deletedResources()).not.toContain(0);

    for (const { name: SECRET } of secrets) {
      await run('aws secretsmanager cancel-rotate-secret --secret-id SECRET', { SECRET });
    }
    await run('npx cdk destroy');

    expect(await deletedResources()).toEqual([0, 0]);
    expect(await runCommand('status', existing.name)).toMatchObject({
      code: 3,
      out: expect.stringMatching(`^${existing.name}: problem \\(rotation-off\\)\n`),
    });
    expect(await Promise.all(secrets.map(stateOf))).toEqual(kept.map((state) => ({ ...state, rotates: false })));
    for (const secret of secrets) {
      const password = await secret.password();
      expect(await canLogIn({ ...(users[secret.name] as Credentials), password })).toBe(true);
    }
    expect(await existingOf(logGroups)).toEqual(logGroups);

    await run('aws logs delete-log-group --log-group-name LOG_GROUP', { LOG_GROUP });
    expect(await existingOf(logGroups)).toEqual(logGroups.filter((name) => name !== LOG_GROUP));
  });

  test('installs this version again for the secrets that stayed', async () => {
    await install((await packAll()).constructs, app);
    stack.entries = [{ name: created.name }, { name: existing.name }];
    await run('npx cdk deploy');
    await rotateBoth();
  });

  test('removes what a person does not want to keep', async () => {
    const labels = await existing.labels();
    const [LABEL = '', VERSION = ''] = Object.entries(labels).find(([label]) => label.startsWith(sentLabel(''))) ?? [];
    const listed = await run('aws secretsmanager list-secret-version-ids --secret-id SECRET', {
      SECRET: existing.name,
    });
    expect(JSON.stringify(listed)).toContain(LABEL);
    const remove =
      'aws secretsmanager update-secret-version-stage --secret-id SECRET --version-stage LABEL --remove-from-version-id VERSION';
    await run(remove, { SECRET: existing.name, LABEL, VERSION });
    expect(Object.keys(await existing.labels())).not.toContain(LABEL);

    await run('aws secretsmanager untag-resource --secret-id SECRET --tag-keys zilliz:endpoint', {
      SECRET: existing.name,
    });
    expect(await stateOf(existing)).toMatchObject({ tags: [] });
    await run('aws secretsmanager delete-secret --secret-id SECRET --recovery-window-in-days 7', {
      SECRET: created.name,
    });
    const { DeletedDate } = await created.describe();
    expect(DeletedDate).toBeInstanceOf(Date);
    expectWholePage('uninstalling.md');
  });
});

/** The commands that a test of a page has run. */
const ran = new Set<string>();

/** Runs a command of a page. @returns what it prints */
async function run(command: string, values: Readonly<Record<string, string>> = {}): Promise<unknown> {
  ran.add(command);
  const line = command.replaceAll(/\b[A-Z_]{5,}\b/g, (word) => values[word] ?? word);
  const [program, tool, ...args] = line.split(' ');
  if (program === 'aws') {
    return await runAws(line);
  }
  if (tool === 'cdk') {
    return args[0] === 'diff' ? (await stack.diff()).output : await stack[args[0] as 'deploy' | 'destroy']();
  }
  const { code, out, err } = await runCommand(...args);
  expect(code, `${line}\n${out}${err}`).toBe(0);
  return out;
}

/** Expects that the tests since the last call ran every command of the page, and no other. */
function expectWholePage(page: string): void {
  expect([...ran].toSorted()).toEqual([...new Set([...runbookCommands(page).values()].flat())].toSorted());
  ran.clear();
}

async function rotateBoth(): Promise<void> {
  const secrets = [created, existing];
  await Promise.all(secrets.map((secret) => secret.until()));
  const former = await Promise.all(secrets.map((secret) => secret.password()));
  await run(ROTATE, { SECRET: secrets.map(({ name }) => name).join(' ') });
  for (const [index, secret] of secrets.entries()) {
    await expectRotated(secret, { ...(users[secret.name] as Credentials), password: former[index] ?? '' });
  }
}

/** What tells the function its pins. */
async function pinsVariable(): Promise<string> {
  const { Environment } = await new Lambda(awsOptions()).getFunctionConfiguration({ FunctionName: stack.functionArn });
  return Environment?.Variables?.['SECRET_TARGETS'] ?? '';
}

async function stackResources() {
  const client = new CloudFormation(awsOptions());
  const { StackResources = [] } = await client.describeStackResources({ StackName: stack.name });
  return StackResources;
}

async function keptResources(): Promise<Record<string, string>> {
  const all = await stackResources();
  const kept = all.filter(({ ResourceType = '' }) => NEVER_REPLACED.includes(ResourceType));
  expect(new Set(kept.map(({ ResourceType }) => ResourceType))).toEqual(new Set(NEVER_REPLACED));
  return Object.fromEntries(
    kept.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [LogicalResourceId, PhysicalResourceId]),
  );
}

/** The physical ids of the resources of a type. */
async function idsOf(type: string): Promise<string[]> {
  const found = (await stackResources()).filter(({ ResourceType }) => ResourceType === type);
  return found.map(({ PhysicalResourceId = '' }) => PhysicalResourceId);
}

async function schedules(): Promise<number> {
  return (await idsOf('AWS::SecretsManager::RotationSchedule')).length;
}

/** The numbers of functions and of alarms of the stack. */
async function deletedResources(): Promise<readonly number[]> {
  const { Functions = [] } = await new Lambda(awsOptions()).listFunctions({});
  const { MetricAlarms = [] } = await new CloudWatch(awsOptions()).describeAlarms({ AlarmNamePrefix: stack.name });
  return [Functions.filter(({ FunctionName }) => FunctionName?.startsWith(stack.name)).length, MetricAlarms.length];
}

async function stateOf(secret: CloudSecret): Promise<object> {
  const described = await secret.describe();
  const { RotationEnabled: rotates = false, Tags: tags = [], KmsKeyId: key } = described;
  return { value: await secret.value(), labels: await secret.labels(), rotates, tags, key };
}

/** Those of the log groups that exist. */
async function existingOf(names: readonly string[]): Promise<string[]> {
  const client = new CloudWatchLogs(awsOptions());
  const found = await Promise.all(names.map((logGroupNamePrefix) => client.describeLogGroups({ logGroupNamePrefix })));
  return found.flatMap(({ logGroups = [] }) => logGroups.map(({ logGroupName = '' }) => logGroupName));
}
