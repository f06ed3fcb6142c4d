import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { awsEnvironment, awsOptions, type LocalCloudAccess } from '../cloud/access.ts';
import { untilRotation } from '../cloud/emulator-control.ts';
import type { LocalCloud } from '../local-cloud.ts';
import { PROJECT } from '../project.ts';
import { logIn } from '../servers/milvus-client.ts';
import {
  type Credential,
  createCredential,
  ORDERS,
  REPORTS,
  type ReadCredential,
  readCredential,
} from './credentials.ts';
import { type DemoOutput, fingerprint } from './output.ts';

const DAY = 86_400;

/** Deploys the stack and rotates two secrets. @throws FailedCheckError if a check fails. */
export async function runScenario(cloud: LocalCloud, output: DemoOutput, signal: AbortSignal): Promise<void> {
  const { access } = cloud;
  const secrets = new SecretsManager(awsOptions(access));
  const read = ({ secretName }: Credential): Promise<ReadCredential> => readCredential(secrets, secretName);

  output.step(
    'Create two secrets',
    'Each secret holds the password of a Milvus user. An application reads the secret and logs in.\nThe demo prints no password: #1a2b3c4d is the start of a hash.',
  );
  for (const credential of [ORDERS, REPORTS]) {
    await createCredential(cloud, secrets, credential);
    const { token, password } = await read(credential);
    const { endpoint } = access.milvus[credential.server];
    output.fact(credential.secretName, `${credential.format}, user ${credential.username} at ${endpoint}`);
    output.check(`the token logs in   ${fingerprint(password)}`, (await login(credential, token)) === 'accepted');
  }
  output.check('a wrong password is refused', (await login(ORDERS, `${ORDERS.username}:wrong`)) === 'refused');

  output.step(
    'Deploy the stack with cdk deploy',
    'The stack has one rotation function, and a schedule for each secret. rotation.yaml:',
  );
  const configuration = configurationFor(access.caFile);
  output.quote(configuration.replace(access.caFile, relative('.', access.caFile)));
  const before = { orders: await read(ORDERS), reports: await read(REPORTS) };
  output.running('Running cdk bootstrap and cdk deploy');
  await cloud.deploy(configuration, signal);
  output.done('Deployed');
  output.check(
    'the function can log in with both secrets: Secrets Manager has tested it',
    (await rotationEnds()).every((end) => end === 'TestRotationSucceeded'),
  );
  output.check(
    'the deployment has rotated no secret',
    (await read(ORDERS)).token === before.orders.token && (await read(REPORTS)).token === before.reports.token,
  );

  output.step(
    'Rotate now',
    'The command starts a rotation and follows its steps. At the end it logs in with the new password.',
  );
  const network = ['--allow-endpoint', 'localhost', '--ca-file', access.caFile];
  const args = ['rotate', ORDERS.secretName, '--timeout', '60s', ...network];
  output.quote(`$ zilliz-rotation ${args.map((arg) => (arg === access.caFile ? relative('.', arg) : arg)).join(' ')}`);
  output.check('the command exited with 0', (await runCommand(access, args, signal)) === 0);
  const rotated = await checkRotated(ORDERS, before.orders);

  output.step('Rotate on schedule', "The emulator's clock moves 31 days forward. The schedules say every 30 days.");
  const started = await cloud.advanceClock(31 * DAY);
  for (const { secretName } of [ORDERS, REPORTS]) {
    output.check(
      `a rotation of ${secretName} has started`,
      started.some((arn) => arn.includes(`:secret:${secretName}-`)),
    );
  }
  output.check(
    'both rotations succeeded',
    (await rotationEnds()).every((end) => end === 'RotationSucceeded'),
  );
  await checkRotated(ORDERS, rotated);
  await checkRotated(REPORTS, before.reports);

  function login({ server }: Credential, token: string): Promise<'accepted' | 'refused'> {
    return logIn(access.milvus[server], token);
  }

  /** The last event of each rotation. */
  async function rotationEnds(): Promise<unknown[]> {
    const views = await Promise.all([ORDERS, REPORTS].map(({ secretName }) => untilRotation(access, secretName)));
    return views.map(({ history }) => history.at(-1)?.event);
  }

  async function checkRotated(credential: Credential, previous: ReadCredential): Promise<ReadCredential> {
    const current = await read(credential);
    const [from, to] = [fingerprint(previous.password), fingerprint(current.password)];
    output.check(
      `${credential.secretName} has a new password   ${from} → ${to}`,
      previous.password !== current.password,
    );
    output.check('the old password is refused', (await login(credential, previous.token)) === 'refused');
    output.check('the new token logs in', (await login(credential, current.token)) === 'accepted');
    output.check(
      credential.format === 'JSON'
        ? `the other keys are unchanged: ${Object.keys(current.otherKeys).join(', ')}`
        : 'the format is unchanged: user:password',
      current.format === credential.format && JSON.stringify(current.otherKeys) === JSON.stringify(previous.otherKeys),
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
    env: { ...process.env, ...awsEnvironment(access) },
    signal,
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

function configurationFor(caFile: string): string {
  return `stackName: zilliz-rotation-demo
function:
  allowedEndpoints: [localhost, 127.0.0.1] # default: the domains of Zilliz Cloud
  caFile: ${JSON.stringify(caFile)} # the private authority of the cluster's certificate
secrets:
  - name: ${ORDERS.secretName}
    schedule: rate(30 days)
  - name: ${REPORTS.secretName}
    schedule: rate(30 days)
`;
}
