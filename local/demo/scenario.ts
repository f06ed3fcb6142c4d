import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { AWSPENDING } from '../../protocol/secret/versions.ts';
import { awsEnvironment, type LocalCloudAccess } from '../cloud/access.ts';
import { CloudSecret } from '../cloud/cloud-secret.ts';
import type { LocalCloud } from '../local-cloud.ts';
import { PROJECT } from '../project.ts';
import { logInWithToken, type MilvusAddress } from '../servers/milvus-client.ts';
import { configurationFor } from './configuration.ts';
import {
  createCredential,
  type DemoCredential,
  ORDERS,
  REPORTS,
  type ReadCredential,
  readDemoCredential,
  SEARCH,
} from './credentials.ts';
import { type DemoOutput, fingerprint } from './output.ts';

const DAY = 86_400;

/** Seconds on the emulator's clock between a failed attempt and Secrets Manager's own retry. */
const RETRY_SPACING = 600;

const ALL = [ORDERS, REPORTS, SEARCH];

/** Deploys the stack and rotates three secrets. @throws FailedCheckError if a check fails. */
export async function runScenario(cloud: LocalCloud, output: DemoOutput, signal: AbortSignal): Promise<void> {
  const { access } = cloud;
  const secretOf = ({ secretName }: DemoCredential): CloudSecret => new CloudSecret(access, secretName);
  const read = (credential: DemoCredential): Promise<ReadCredential> => readDemoCredential(secretOf(credential));

  output.step(
    'Create three secrets',
    'Two hold the password of a Milvus user, one an API key. An application reads its secret and logs in.\nThe demo prints no password and no key: #1a2b3c4d is the start of a hash.',
  );
  for (const credential of ALL) {
    await createCredential(cloud, credential);
    const { token } = await read(credential);
    const holder = credential.server === 'apiKeys' ? 'key' : 'user';
    const { endpoint } = clusterOf(credential);
    output.fact(credential.secretName, `${credential.format}, ${holder} ${credential.username} at ${endpoint}`);
    output.check(`the token logs in   ${fingerprint(token)}`, (await login(credential, token)) === 'accepted');
  }
  output.check('a wrong password is refused', (await login(ORDERS, `${ORDERS.username}:wrong`)) === 'refused');

  output.step(
    'Deploy the stack with cdk deploy',
    'The stack has one rotation function, and a schedule for each secret. rotation.yaml:',
  );
  const before = { orders: await read(ORDERS), reports: await read(REPORTS), search: await read(SEARCH) };
  const managerSecretArn = await new CloudSecret(access, 'demo/manager').create(access.apiKeys.managerKey);
  const configuration = configurationFor(access, managerSecretArn, before.search.apiKeyId ?? '');
  output.print(
    `${configuration.replace(access.caFile, relative('.', access.caFile))}\nRunning cdk bootstrap and cdk deploy …`,
  );
  await cloud.deploy(configuration, signal);
  output.check(
    'the function can log in with each secret: Secrets Manager has tested it',
    (await rotationEnds()).every((end) => end === 'TestRotationSucceeded'),
  );
  const tokens = await Promise.all(ALL.map(async (credential) => (await read(credential)).token));
  output.check(
    'the deployment has rotated no secret',
    [before.orders, before.reports, before.search].every(({ token }) => tokens.includes(token)),
  );

  output.step(
    'Rotate now',
    'The command starts a rotation and follows its steps. At the end it logs in with the new password.',
  );
  const network = ['--allow-endpoint', 'localhost', '--ca-file', access.caFile];
  const exitCode = await command('rotate', ORDERS.secretName, '--timeout', '60s', ...network);
  output.check('the command exited with 0', exitCode === 0);
  const rotated = await checkRotated(ORDERS, before.orders);

  output.step(
    'Fail at the worst moment',
    'Secrets Manager fails after the cluster has taken the new password, so AWSCURRENT cannot move.',
  );
  const orders = secretOf(ORDERS);
  await orders.setRetries(1, RETRY_SPACING);
  // The function's SDK makes a call three times.
  await orders.arm({ action: 'UpdateSecretVersionStage', kind: 'fail-before', times: 3 });
  await orders.startRotation();
  const { state } = await orders.until('settled');
  output.check('the attempt failed, and Secrets Manager will retry it', state === 'waiting');
  output.check('the cluster refuses AWSCURRENT', (await login(ORDERS, rotated.token)) === 'refused');
  const pending = await readDemoCredential(orders, AWSPENDING);
  output.check(
    `the cluster accepts AWSPENDING, which our clients read too   ${fingerprint(pending.token)}`,
    (await login(ORDERS, pending.token)) === 'accepted',
  );
  await command('status', ORDERS.secretName, ...network);
  await cloud.advanceClock(RETRY_SPACING);
  output.check("Secrets Manager's retry succeeded", (await rotationEnd(ORDERS)) === 'RotationSucceeded');
  const recovered = await checkRotated(ORDERS, rotated);
  output.check('the retry promoted the password that the cluster had taken', recovered.token === pending.token);

  output.step(
    'Rotate an API key',
    'Two keys are valid at a time. A rotation creates a key, and a later rotation deletes the key that it replaced.',
  );
  await secretOf(SEARCH).startRotation();
  output.check('the rotation succeeded', (await rotationEnd(SEARCH)) === 'RotationSucceeded');
  const rotatedKey = await checkRotated(SEARCH, before.search);

  output.step('Rotate on schedule', "The emulator's clock moves 31 days forward. The schedules say every 30 days.");
  const started = await cloud.advanceClock(31 * DAY);
  for (const { secretName } of ALL) {
    output.check(
      `a rotation of ${secretName} has started`,
      started.some((arn) => arn.includes(`:secret:${secretName}-`)),
    );
  }
  output.check(
    'all rotations succeeded',
    (await rotationEnds()).every((end) => end === 'RotationSucceeded'),
  );
  await checkRotated(ORDERS, recovered);
  await checkRotated(REPORTS, before.reports);
  await checkRotated(SEARCH, rotatedKey);
  output.check('the key before the old key is refused', (await login(SEARCH, before.search.token)) === 'refused');

  /** Prints and runs a command. @returns The exit code. */
  function command(...args: string[]): Promise<number | null> {
    output.print(
      `$ zilliz-rotation ${args.map((arg) => (arg === access.caFile ? relative('.', arg) : arg)).join(' ')}`,
    );
    return runCommand(access, args, signal);
  }

  function clusterOf({ server }: DemoCredential): MilvusAddress {
    return server === 'apiKeys' ? access.apiKeys : access.milvus[server];
  }

  function login(credential: DemoCredential, token: string): Promise<'accepted' | 'refused'> {
    return logInWithToken(clusterOf(credential), token);
  }

  /** The last event of a rotation. */
  async function rotationEnd(credential: DemoCredential): Promise<unknown> {
    return (await secretOf(credential).until()).history.at(-1)?.event;
  }

  function rotationEnds(): Promise<unknown[]> {
    return Promise.all(ALL.map(rotationEnd));
  }

  async function checkRotated(credential: DemoCredential, previous: ReadCredential): Promise<ReadCredential> {
    const current = await read(credential);
    const [from, to] = [fingerprint(previous.token), fingerprint(current.token)];
    const isKey = credential.server === 'apiKeys';
    output.check(
      `${credential.secretName} has a new ${isKey ? 'key' : 'password'}   ${from} → ${to}`,
      previous.token !== current.token,
    );
    const old = await login(credential, previous.token);
    output.check(
      isKey ? 'the old key still works' : 'the old password is refused',
      old === (isKey ? 'accepted' : 'refused'),
    );
    output.check('the new token logs in', (await login(credential, current.token)) === 'accepted');
    output.check(
      credential.format === 'JSON'
        ? `the other keys are unchanged: ${Object.keys(current.otherKeys).join(', ')}`
        : 'the format is unchanged: user:password',
      JSON.stringify(current.otherKeys) === JSON.stringify(previous.otherKeys),
    );
    return current;
  }
}

/** Runs `zilliz-rotation` with the output streams of this process. @returns The exit code. */
async function runCommand(
  access: LocalCloudAccess,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number | null> {
  const child = spawn(process.execPath, [join(PROJECT, 'cli', 'main.ts'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] ?? '/', ...awsEnvironment(access) },
    signal,
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}
