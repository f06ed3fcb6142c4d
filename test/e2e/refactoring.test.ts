import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { PROJECT } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { expectRotated, newUserWithSecret, secretNamed } from '../support/deployed-rotation.ts';
import { DeployedStack } from '../support/deployed-stack.ts';
import { awsOptions, newClusterUser, servers, uniqueName } from '../support/servers.ts';
import { runbookCommands } from './runbook/page.ts';
import { runCommand } from './support/operator-command.ts';
import { install, PREVIOUS } from './support/package-app.ts';
import type { TeamRotation } from './support/refactored-app.ts';

const app = mkdtempSync(join(servers().access.stateDir, 'refactoring-'));
const stack = new DeployedStack([], {}, app);
// A parallel test advances the clock of the emulator by nine days.
const schedule = 'rate(30 days)';

const EXISTING = ['renamed', 'ownFunction', 'moved', 'byArn', 'again', 'last'] as const;
const CREATED = ['created', 'destroyed', 'own'] as const;
const KEYS = [...EXISTING, ...CREATED];
type Key = (typeof KEYS)[number];

const FORMER = join(app, 'node_modules', PREVIOUS.name, 'dist', 'infra', 'index.js');
/** The module of the version that the app uses. Empty: this version. */
let constructs = FORMER;
/** What the page adds to the context of the app. */
let context: Readonly<Record<string, unknown>> = {};

/** The secrets, by what happens to their rotation. */
const secrets = {} as Record<Key, CloudSecret>;
const users = {} as Record<Key, Credentials>;

beforeAll(async () => {
  for (const key of EXISTING) {
    const { secret, user } = await newUserWithSecret('tls');
    secrets[key] = secret;
    users[key] = user;
  }
  for (const key of CREATED) {
    secrets[key] = secretNamed(uniqueName(`zilliz/${key}`));
    users[key] = await newClusterUser('tls');
  }
  stack.entries = [{ name: secrets.byArn.name, schedule }];
  await install(PREVIOUS, app);
  await run('npx cdk deploy --all', BEFORE());
  for (const key of CREATED) {
    await secrets[key].edit({ password: users[key].password });
  }
  await expectRotations();
});

/** The constructs before the first change. */
const BEFORE = (): readonly TeamRotation[] => [
  construct('renamed', 'team', { id: 'Id' }),
  construct('ownFunction', 'team', { id: 'Own', hasOwnFunction: true }),
  construct('moved', 'team'),
  construct('again', 'team'),
  construct('last', 'team'),
  construct('created', 'team', { removalPolicy: 'retain' }),
  construct('destroyed', 'team', { removalPolicy: 'destroy' }),
  construct('own', 'main', { isOwnSecret: true }),
];

/** What can be done at once, while the secret with `destroy` and the one to add again wait. */
const MOVED = (): readonly TeamRotation[] => [
  construct('renamed', 'team', { id: 'NewId' }),
  construct('ownFunction', 'team', { id: 'NewOwn', hasOwnFunction: true }),
  construct('moved', 'main'),
  construct('last', 'team'),
  construct('created', 'main'),
  construct('own', 'team'),
];

const AFTER = (): readonly TeamRotation[] =>
  [...MOVED(), construct('again', 'main'), construct('destroyed', 'main')].map((rotation) =>
    rotation.secret === secrets.last.name ? construct('last', 'main') : rotation,
  );

/** The last constructs, some of which have other ids. */
const withIds = (id: string, ...keys: Key[]): readonly TeamRotation[] =>
  AFTER().map((rotation) => {
    const key = keys.find((name) => secrets[name].name === rotation.secret);
    return key === undefined ? rotation : { ...rotation, id: id + key };
  });

/** A construct whose deployment fails. */
const FAILING = (): TeamRotation =>
  construct('ownFunction', 'team', { id: 'Z', secret: uniqueName('absent'), username: 'absent' });

describe('docs/renaming-and-moving.md', () => {
  test('the first deployment has no other change than this version', async () => {
    constructs = '';
    await run('npx cdk deploy --all', BEFORE());
    await expectRotations();
  });

  test('a created secret that is written as new in its new place fails the deployment, and everything stays', async () => {
    const asNew = construct('created', 'main', { removalPolicy: 'retain' });
    const others = BEFORE().filter(({ secret }) => secret !== secrets.created.name);
    await expect(run('npx cdk deploy --all', [...others, asNew])).rejects.toThrow(
      `the secret ${secrets.created.name} already exists`,
    );
    await expectRotations();
  });

  test('the next deployments write retain, and remove the old place of a schedule', async () => {
    const retained = BEFORE().map((rotation) =>
      [secrets.destroyed.name, secrets.own.name].includes(rotation.secret)
        ? { ...rotation, removalPolicy: 'retain' as const }
        : rotation,
    );
    await run(
      'npx cdk deploy --all',
      retained.filter(({ secret }) => secret !== secrets.again.name),
    );
    await expectRotations();
  });

  test('the last deployments rename, move and add again, and every secret rotates', async () => {
    const { ARN = '' } = await secrets.byArn.describe();
    stack.entries = [{ arn: ARN, schedule }];
    await run('npx cdk deploy --all', [...MOVED(), construct('again', 'main'), construct('destroyed', 'main')]);
    await expectRotations();

    await run('npx cdk deploy STACK --exclusively', AFTER());
    await expectRotations();
    await run('npx cdk deploy --all', AFTER());
    await expectRotations();

    await run('npx zilliz-rotation status SECRET', [], KEYS.map((key) => secrets[key].name).join(' '));
    for (const key of KEYS) {
      await secrets[key].rotate();
      await expectRotated(secrets[key], users[key]);
      users[key] = { ...users[key], password: await secrets[key].password() };
    }
  });

  test('doctor says what each rollback has turned off, which the old names do not restore, and the new ones do', async () => {
    writeApp([...withIds('Last', 'ownFunction'), FAILING()]);
    await expect(stack.deploy()).rejects.toThrow('find the specified secret');
    writeApp([...withIds('Last', 'renamed'), FAILING()]);
    await expect(stack.deployAndRollBack(`${stack.name}Team`)).rejects.toThrow('find the specified secret');
    await run('npx cdk deploy --all', AFTER());
    const doctor = 'npx zilliz-rotation doctor SECRET';
    // The rollback has deleted the new function.
    expect(await run(doctor, [], secrets.ownFunction.name, 3)).toContain('function-absent');
    // `cdk rollback` has deleted the new schedule.
    expect(await run(doctor, [], secrets.renamed.name, 3)).toContain('rotation-off');
    await run('npx cdk deploy --all', withIds('Last', 'ownFunction', 'renamed'));
    await run('npx zilliz-rotation status SECRET', [], `${secrets.ownFunction.name} ${secrets.renamed.name}`);
  });

  test('with ids from names, no new id of a construct and no rollback changes a schedule', async () => {
    context = { 'zilliz-secret-rotation:scheduleIdsFromNames': true };
    await run('npx cdk deploy --all', AFTER());
    await expectRotations();
    const former = await schedules();
    expect(former).toHaveLength(KEYS.length);

    writeApp([...withIds('Other', 'renamed'), FAILING()]);
    await expect(stack.deployAndRollBack(`${stack.name}Team`)).rejects.toThrow('find the specified secret');
    await expectRotations();
    await run('npx cdk deploy --all', withIds('Other', 'renamed', 'moved', 'created'));
    await expectRotations();
    expect(await schedules()).toEqual(former);
  });

  test('after a return to the former version, the first deployment of this version has no key again', async () => {
    context = {};
    for (const version of [FORMER, '']) {
      constructs = version;
      await run('npx cdk deploy --all', AFTER());
      await expectRotations();
    }
  });

  test('has no other command', () => {
    const commands = [...runbookCommands('renaming-and-moving.md').values()].flat();
    expect([...ran].toSorted()).toEqual([...new Set(commands)].toSorted());
  });
});

function construct(key: Key, stackName: 'main' | 'team', more: Partial<TeamRotation> = {}): TeamRotation {
  const { endpoint, username } = users[key];
  return { stack: stackName, id: key, secret: secrets[key].name, endpoint: endpoint.url, username, ...more };
}

/** The logical ids of the schedules of both stacks. */
async function schedules(): Promise<string[]> {
  const cloudFormation = new CloudFormation(awsOptions());
  const described = await Promise.all(
    [stack.name, `${stack.name}Team`].map((StackName) => cloudFormation.describeStackResources({ StackName })),
  );
  return described
    .flatMap(({ StackResources = [] }) => StackResources)
    .filter(({ ResourceType }) => ResourceType === 'AWS::SecretsManager::RotationSchedule')
    .map(({ LogicalResourceId = '' }) => LogicalResourceId)
    .toSorted();
}

/** The commands of the page that ran. */
const ran = new Set<string>();

/**
 * Runs a command of the page.
 *
 * @param rotations of the app, for `cdk`
 * @returns what `zilliz-rotation` prints
 */
async function run(command: string, rotations: readonly TeamRotation[], secret = '', exitCode = 0): Promise<string> {
  ran.add(command);
  const [, tool, ...args] = command.replace('SECRET', secret).split(' ');
  if (tool === 'zilliz-rotation') {
    const { code, out, err } = await runCommand(...args);
    expect(code, out + err).toBe(exitCode);
    return out;
  }
  writeApp(rotations);
  try {
    // Waits until Secrets Manager has tested each schedule.
    await (args.includes('--all') ? stack.deploy() : stack.deployOnly(`${stack.name}Team`));
  } finally {
    await Promise.allSettled(Object.values(secrets).map((secret) => secret.until()));
  }
  return '';
}

function writeApp(rotations: readonly TeamRotation[]): void {
  const script = `node ${join(PROJECT, 'test', 'e2e', 'support', 'refactored-app.ts')} ${constructs}`;
  writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: script, context: { ...context, rotations } }));
}

/** Expects that each rotation is on, and that no deployment has changed a password. */
async function expectRotations(): Promise<void> {
  for (const key of KEYS) {
    const described = await secrets[key].describe();
    expect(described, key).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: key === 'ownFunction' ? expect.stringMatching(/Own/) : stack.functionArn,
      RotationRules: { ScheduleExpression: schedule },
    });
    expect(described.DeletedDate).toBeUndefined();
    expect(await secrets[key].password(), key).toBe(users[key].password);
  }
}
