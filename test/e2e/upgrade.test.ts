import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import type { DescribeSecretCommandOutput } from '@aws-sdk/client-secrets-manager';
import { SNS } from '@aws-sdk/client-sns';
import { beforeAll, describe, expect, test } from 'vitest';
import { deployApp, destroyApp, diffApp } from '../../local/cloud/cdk.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';
import { PRODUCT } from '../../telemetry/product-version.ts';
import { extract, pack } from '../packages/support/packed.ts';
import { currentPassword, currentValue, labelsOf, newSecret, rotationSettles } from '../support/deployed-rotation.ts';
import {
  awsOptions,
  canLogIn,
  newClusterUser,
  secretsManager,
  servers,
  uniqueName,
  uniqueStackName,
} from '../support/servers.ts';
import { runbookCommands } from './runbook/page.ts';
import { runAws } from './support/aws-command.ts';
import { expectRotated } from './support/expect-rotated.ts';
import { runCommand } from './support/operator-command.ts';
import { storeCredential } from './support/store-credential.ts';

/** docs/decisions/build-and-packages.md says how to make the next one. */
const PREVIOUS = {
  name: 'zilliz-secret-rotation',
  tarball: join(import.meta.dirname, 'fixtures', 'zilliz-secret-rotation-0.1.0.tgz'),
};

const APP = `import { App } from 'aws-cdk-lib';
import { readConfiguration, rotationStacks } from 'zilliz-secret-rotation';

rotationStacks(new App(), readConfiguration('rotation.yaml'));
`;

/** The table of docs/upgrading.md. */
const NEVER_REPLACED = [
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::RotationSchedule',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
];

const ROTATE = 'npx zilliz-rotation rotate SECRET';
const STATUS = 'npx zilliz-rotation status SECRET';

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
    return await CDK[args.join(' ') as keyof typeof CDK]();
  }
  const { code, out, err } = await runCommand(...args);
  expect(code, `${line}\n${out}${err}`).toBe(0);
  return out;
}

/**
 * Reads a resource by its physical id, for the types in the table of docs/uninstalling.md. If the
 * resource is not there, the request fails or returns false.
 */
const REQUESTS: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  'AWS::CloudWatch::Alarm': async (id) => {
    const { MetricAlarms = [] } = await cloudWatch.describeAlarms({ AlarmNames: [id] });
    return MetricAlarms.length > 0;
  },
  'AWS::CloudWatch::Dashboard': (DashboardName) => cloudWatch.getDashboard({ DashboardName }),
  'AWS::Events::Rule': (Name) => new EventBridge(awsOptions()).describeRule({ Name }),
  'AWS::IAM::Role': (RoleName) => new IAM(awsOptions()).getRole({ RoleName }),
  'AWS::Lambda::Function': (FunctionName) => new Lambda(awsOptions()).getFunction({ FunctionName }),
  'AWS::Logs::LogGroup': async (id) => (await existingOf([id])).length > 0,
  'AWS::SNS::Topic': (TopicArn) => new SNS(awsOptions()).getTopicAttributes({ TopicArn }),
  'AWS::SecretsManager::Secret': (secret) => describeSecret(secret),
};

const cloudWatch = new CloudWatch(awsOptions());

const CDK = {
  diff: async () => (await diffApp(servers().access, app, join(app, 'cdk'))).output,
  deploy: () => deployApp(servers().access, app, join(app, 'cdk')),
  destroy: () => destroyApp(servers().access, app, join(app, 'cdk')),
};

/** Expects that the tests since the last call ran every command of the page, and no other. */
function expectWholePage(page: string): void {
  expect([...ran].toSorted()).toEqual([...new Set([...runbookCommands(page).values()].flat())].toSorted());
  ran.clear();
}

/** The app of a user of the package. */
const app = mkdtempSync(join(servers().access.stateDir, 'upgrade-'));
const stackName = uniqueStackName('Upgrade');
const created = uniqueName('zilliz/created');
let existing: string;
let users: Record<string, Credentials>;
/** The physical ids of what an upgrade never replaces, by logical id. */
let before: Record<string, string>;

beforeAll(async () => {
  const [creator, user] = [await newClusterUser('tls'), await newClusterUser('tls')];
  const { username, password } = user;
  existing = await newSecret(JSON.stringify({ username, password }), { [ENDPOINT_TAG]: user.endpoint.url });
  users = { [created]: creator, [existing]: user };
  mkdirSync(join(app, 'cdk'));
  configure({ create: created, endpoint: creator.endpoint.url, username: creator.username }, { name: existing });
  writeFileSync(join(app, 'app.mjs'), APP);
  writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: 'node app.mjs' }));
  await install(PREVIOUS);
  await CDK.deploy();
  await storeCredential(created, { password: creator.password });
  before = await keptResources();
});

describe('docs/upgrading.md, from the previous packed version', () => {
  test('replaces nothing, and both secrets rotate before and after', async () => {
    await rotateBoth();
    await install(await pack('packages/constructs'));
    await run(STATUS, { SECRET: existing });
    const differences = String(await run('npx cdk diff'));
    // The differences are those of a change set, which knows replacements.
    expect(differences).toContain('Number of stacks with differences: 1');
    expect(differences).toMatch(/^\[-\] AWS::Logs::MetricFilter .*FailedSteps.* destroy/m);
    const replaced = differences.match(/^\[-\].*|^\[.\].*replace.*/gm) ?? [];
    expect(replaced.filter((line) => NEVER_REPLACED.includes(line.split(' ')[1] ?? ''))).toEqual([]);
    await run('npx cdk deploy');
    expect(await keptResources()).toMatchObject(before);
    await rotateBoth();
    expect(await versionInDoctor()).toBe(PRODUCT.version);
  });

  test('goes back, and the previous version continues from what the newer version has stored', async () => {
    await install(PREVIOUS);
    await run('npx cdk deploy');
    expect(await keptResources()).toEqual(before);
    await rotateBoth();
    expectWholePage('upgrading.md');
  });
});

describe('docs/uninstalling.md', () => {
  test('keeps credentials, labels, tags and logs, and deletes the rest', async () => {
    const secrets = [created, existing];
    const kept = await Promise.all(secrets.map(stateOf));
    const [FUNCTION = ''] = await idsOf('AWS::Lambda::Function');
    const logGroups = await idsOf('AWS::Logs::LogGroup');
    await run(STATUS, { SECRET: existing });
    const logging = await run('aws lambda get-function-configuration --function-name FUNCTION --query LoggingConfig', {
      FUNCTION,
    });
    const { LogGroup: LOG_GROUP } = logging as { LogGroup: string };
    expect(logGroups).toContain(LOG_GROUP);

    const { types, remaining } = await removeStack();
    expect(types).toEqual(Object.keys(REQUESTS));
    expect(remaining).toEqual(['AWS::Logs::LogGroup', 'AWS::SecretsManager::Secret']);

    const status = String(await run(STATUS, { SECRET: existing })).replaceAll(/\s+/g, ' ');
    expect(status).toContain('(rotation-off)');
    expect(status).toContain('If you did not remove the function on purpose, restore it:');
    expect(await Promise.all(secrets.map(stateOf))).toEqual(kept.map((state) => ({ ...state, rotates: false })));
    for (const secret of secrets) {
      const password = await currentPassword(secret);
      expect(await canLogIn({ ...(users[secret] as Credentials), password })).toBe(true);
    }
    expect(await existingOf(logGroups)).toEqual(logGroups);

    await run('aws logs delete-log-group --log-group-name LOG_GROUP', { LOG_GROUP });
    expect(await existingOf(logGroups)).toEqual(logGroups.filter((name) => name !== LOG_GROUP));
  });

  test('installs this version again for the secrets that stayed, and removes it', async () => {
    await install(await pack('packages/constructs'));
    configure({ name: created }, { name: existing });
    await run('npx cdk deploy');
    await rotateBoth();
    expect((await removeStack()).remaining).toEqual(['AWS::Logs::LogGroup']);
    for (const secret of [created, existing]) {
      expect(await stateOf(secret)).toMatchObject({ rotates: false });
    }
  });

  test('removes what a person does not want to keep', async () => {
    const labels = await labelsOf(existing);
    const [LABEL = '', VERSION = ''] = Object.entries(labels).find(([label]) => label.startsWith(sentLabel(''))) ?? [];
    const listed = await run('aws secretsmanager list-secret-version-ids --secret-id SECRET', { SECRET: existing });
    expect(JSON.stringify(listed)).toContain(LABEL);
    const remove =
      'aws secretsmanager update-secret-version-stage --secret-id SECRET --version-stage LABEL --remove-from-version-id VERSION';
    await run(remove, { SECRET: existing, LABEL, VERSION });
    expect(Object.keys(await labelsOf(existing))).not.toContain(LABEL);

    await run('aws secretsmanager untag-resource --secret-id SECRET --tag-keys zilliz:endpoint', { SECRET: existing });
    expect((await describeSecret(existing)).Tags ?? []).toEqual([]);
    await run('aws secretsmanager delete-secret --secret-id SECRET --recovery-window-in-days 7', { SECRET: created });
    expect((await describeSecret(created)).DeletedDate).toBeInstanceOf(Date);
    expectWholePage('uninstalling.md');
  });
});

/** Writes the configuration of the app, with a schedule for each entry. */
function configure(...entries: readonly object[]): void {
  const configuration = {
    stackName,
    function: { allowedEndpoints: ['localhost'], caFile: servers().access.caFile },
    secrets: entries.map((entry) => ({ ...entry, schedule: 'rate(30 days)' })),
    monitoring: {},
  };
  // JSON is YAML.
  writeFileSync(join(app, 'rotation.yaml'), JSON.stringify(configuration));
}

/** Installs a version of the constructs into the app. */
async function install(version: { readonly name: string; readonly tarball: string }): Promise<void> {
  rmSync(join(app, 'node_modules'), { recursive: true, force: true });
  await extract(version, app);
}

async function rotateBoth(): Promise<void> {
  for (const [secret, user] of Object.entries(users)) {
    await rotationSettles(secret);
    const former = { ...user, password: await currentPassword(secret) };
    await run(ROTATE, { SECRET: secret });
    await expectRotated(secret, former);
  }
}

/** The version of the function, as docs/upgrading.md says to find it. */
async function versionInDoctor(): Promise<string | undefined> {
  ran.add('npx zilliz-rotation doctor SECRET');
  // The exit code may be 3, because the test of the secret that the stack created raised an alarm.
  const { out } = await runCommand('doctor', existing);
  return /function: .* version ([^,]+),/.exec(out)?.[1];
}

async function stackResources() {
  const client = new CloudFormation(awsOptions());
  const { StackResources = [] } = await client.describeStackResources({ StackName: stackName });
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

/** The physical ids of the resources of a type. The rotation function is the first function. */
async function idsOf(type: string): Promise<string[]> {
  const all = await stackResources();
  const found = all.filter(({ ResourceType }) => ResourceType === type);
  return found.map(({ PhysicalResourceId = '' }) => PhysicalResourceId);
}

const describeSecret = (SecretId: string): Promise<DescribeSecretCommandOutput> =>
  secretsManager().describeSecret({ SecretId });

async function stateOf(secret: string): Promise<object> {
  const { RotationEnabled: rotates = false, Tags: tags, KmsKeyId: key } = await describeSecret(secret);
  return { value: await currentValue(secret), labels: await labelsOf(secret), rotates, tags, key };
}

/**
 * Removes the stack as the page says.
 *
 * @returns the types of REQUESTS that the stack had, and those of which a resource is still there
 */
async function removeStack(): Promise<Record<'types' | 'remaining', string[]>> {
  const resources = (await stackResources()).flatMap(({ ResourceType: type = '', PhysicalResourceId: id = '' }) =>
    type in REQUESTS ? [{ type, id }] : [],
  );
  const typesThere = async (): Promise<string[]> => {
    const isThere = await Promise.all(resources.map(({ type, id }) => exists(type, id)));
    return [...new Set(resources.filter((_, index) => isThere[index]).map(({ type }) => type))].toSorted();
  };
  const types = await typesThere();
  await run('npx cdk destroy');
  return { types, remaining: await typesThere() };
}

async function exists(type: string, id: string): Promise<boolean> {
  try {
    return (await REQUESTS[type]?.(id)) !== false;
  } catch (error) {
    expect(`${(error as Error).name}: ${(error as Error).message}`).toMatch(/not ?found|NoSuchEntity/i);
    return false;
  }
}

/** Those of the log groups that exist. */
async function existingOf(names: readonly string[]): Promise<string[]> {
  const client = new CloudWatchLogs(awsOptions());
  const found = await Promise.all(names.map((logGroupNamePrefix) => client.describeLogGroups({ logGroupNamePrefix })));
  return found.flatMap(({ logGroups = [] }) => logGroups.map(({ logGroupName = '' }) => logGroupName));
}
