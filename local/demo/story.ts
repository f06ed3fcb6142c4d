import { relative } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsEnvironment, LOCAL_REGION } from '../cloud/access.ts';
import { rotationEnd } from '../cloud/rotation-end.ts';
import type { LocalCloud } from '../local-cloud.ts';
import { logIn, readCredential, type StoredCredential } from './application.ts';
import { type Credential, createCredential, ORDERS, REPORTS } from './credentials.ts';
import { fingerprint, type Narrator } from './narrator.ts';
import { rotateArguments, runCommand } from './rotate-command.ts';

const DAY = 86_400;

/** The demonstration, from a cloud that has just come up. @throws BrokenPromiseError as soon as something is not so. */
export async function tellStory(cloud: LocalCloud, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const { access } = cloud;
  const environment = awsEnvironment(access);
  const secrets = new SecretsManagerClient({
    endpoint: access.awsUrl,
    region: LOCAL_REGION,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
  const read = ({ secretName }: Credential): Promise<StoredCredential> => readCredential(secrets, secretName);

  narrator.chapter(
    'Two applications, as they are today',
    "Each has a Milvus user, and a secret with that user's password. Nobody has ever changed either.\nPasswords are never printed here: #1a2b3c4d is the beginning of a hash, enough to tell them apart.",
  );
  for (const credential of [ORDERS, REPORTS]) {
    await createCredential(cloud, secrets, credential);
    await showLogin(cloud, narrator, credential, await read(credential));
  }
  const wrong = await logIn(access.milvus.tls, `${ORDERS.username}:not-the-password`);
  narrator.check('a wrong password is refused, so a login proves something', wrong === 'refused');

  narrator.chapter(
    'cdk deploy',
    'One file says what is to rotate. The stack: a Lambda function that may touch these two secrets and nothing else,\nand a schedule for each.',
  );
  const configuration = configurationFor(access.caFile);
  narrator.quote(configuration.replace(access.caFile, relative('.', access.caFile)));
  const before = { orders: await read(ORDERS), reports: await read(REPORTS) };
  narrator.working('The real CDK CLI bootstraps the account and deploys the stack');
  const { outputs } = await cloud.deploy(configuration, signal);
  narrator.done('Deployed');
  for (const [stack, values] of Object.entries(outputs)) {
    narrator.fact('stack', stack);
    narrator.fact('function', values['RotationFunctionArn'] ?? '');
  }
  const tests = await Promise.all([ORDERS, REPORTS].map(({ secretName }) => rotationEnd(access, secretName)));
  narrator.check(
    'Secrets Manager has let the function test both secrets: it reaches the clusters, and both passwords are in force',
    tests.every((end) => end === 'TestRotationSucceeded'),
  );
  narrator.check(
    'deploying rotated nothing: no surprise for applications that are running',
    (await read(ORDERS)).token === before.orders.token && (await read(REPORTS)).token === before.reports.token,
  );

  narrator.chapter(
    'Rotate now',
    'An operator wants a new password at once. The command starts a rotation, follows the four steps of the deployed\nfunction, and is content only when the new password logs in.',
  );
  const args = rotateArguments(access, ORDERS.secretName);
  narrator.quote(
    `$ zilliz-rotation ${args.map((arg) => (arg === access.caFile ? relative('.', arg) : arg)).join(' ')}`,
  );
  const exitCode = await runCommand(access, args, signal);
  narrator.check('the command exited with 0', exitCode === 0);
  const now = await showRotated(cloud, narrator, ORDERS, before.orders, await read(ORDERS));

  narrator.chapter(
    'Rotate on schedule',
    'Nobody does anything. The clock of the emulator is moved by 31 days, and Secrets Manager finds both secrets due.',
  );
  const started = await cloud.advanceClock(31 * DAY);
  narrator.done(`Rotations started by themselves: ${started.length}`);
  for (const { secretName } of [ORDERS, REPORTS]) {
    narrator.check(
      `${secretName} is being rotated`,
      started.some((arn) => arn.includes(`:secret:${secretName}-`)),
    );
  }
  const ends = await Promise.all([ORDERS, REPORTS].map(({ secretName }) => rotationEnd(access, secretName)));
  narrator.check(
    'both rotations succeeded',
    ends.every((end) => end === 'RotationSucceeded'),
  );
  await showRotated(cloud, narrator, ORDERS, now, await read(ORDERS));
  await showRotated(cloud, narrator, REPORTS, before.reports, await read(REPORTS));
}

function configurationFor(caFile: string): string {
  return `stackName: zilliz-rotation-demo
function:
  allowedEndpoints: [localhost, 127.0.0.1]   # by default: the domains of Zilliz Cloud
  caFile: ${JSON.stringify(caFile)}   # the cluster's certificate is signed by a private authority
secrets:
  - name: ${ORDERS.secretName}
    schedule: rate(30 days)
  - name: ${REPORTS.secretName}
    schedule: rate(30 days)
`;
}

async function showLogin(
  cloud: LocalCloud,
  narrator: Narrator,
  { secretName, username, server, format }: Credential,
  stored: StoredCredential,
): Promise<void> {
  const address = cloud.access.milvus[server];
  narrator.fact('cluster user', `${username} at ${address.endpoint}`);
  narrator.fact('secret', `${secretName}, ${format === 'JSON' ? 'a JSON document' : 'a plain user:password'}`);
  const login = await logIn(address, stored.token);
  narrator.check(`the token in ${secretName} logs in   password ${fingerprint(stored.password)}`, login === 'accepted');
}

async function showRotated(
  cloud: LocalCloud,
  narrator: Narrator,
  { secretName, server, format }: Credential,
  before: StoredCredential,
  after: StoredCredential,
): Promise<StoredCredential> {
  const address = cloud.access.milvus[server];
  const [old, renewed] = [fingerprint(before.password), fingerprint(after.password)];
  narrator.check(`${secretName} holds another password   ${old} → ${renewed}`, before.password !== after.password);
  narrator.check(`the old one is refused   ${old}`, (await logIn(address, before.token)) === 'refused');
  narrator.check(`the token in the secret logs in   ${renewed}`, (await logIn(address, after.token)) === 'accepted');
  narrator.check(
    format === 'JSON'
      ? `the document's other keys are untouched   ${Object.keys(after.otherKeys).join(', ')}`
      : 'the secret is a plain user:password as before',
    after.format === format && JSON.stringify(after.otherKeys) === JSON.stringify(before.otherKeys),
  );
  return after;
}
