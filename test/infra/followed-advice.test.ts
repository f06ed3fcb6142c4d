import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { parseConfiguration, readConfiguration } from '../../infra/configuration/read-configuration.ts';
import { ClusterPrivateLink } from '../../infra/function/cluster-private-link.ts';
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../infra/function/rotation-function-props.ts';
import { RotationAlarms } from '../../infra/monitoring/rotation-alarms.ts';
import { CredentialRotation } from '../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../infra/rotation/credential-rotation-props.ts';
import { CrossAccountRotation } from '../../infra/rotation/cross-account-rotation.ts';
import { RotationSchedule } from '../../infra/rotation/rotation-schedule.ts';
import { partOf } from '../../infra/rules/spread.ts';
import { rotationStacks } from '../../infra/stack/rotation-stacks.ts';
import { refusalTexts } from './support/refusals.ts';
import { appWithoutBundles, CERTIFICATE_AUTHORITY, ENDPOINT, KEY_ARN, vpcIn } from './support/templates.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SECRET_ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:';
const FUNCTION_ARN = 'arn:aws:lambda:us-west-2:123456789012:function:rotation';
const ROLE_ARN = 'arn:aws:iam::444455556666:role/rotation';
const SERVER_CERTIFICATE = readFileSync(new URL('fixtures/server-certificate.pem', import.meta.url), 'utf8');

/** A wrong input, and the input after each piece of advice in the message. */
interface Row {
  /** Throws if synth refuses the input. */
  readonly wrong: () => unknown;
  readonly fixed: ReadonlyArray<() => unknown>;
  /** A part of the message. */
  readonly message: string;
}

// ---- the configuration file

type Map = Readonly<Record<string, unknown>>;

const ONE_SECRET: readonly Map[] = [{ name: 'orders' }];
const NEW = { create: 'orders', endpoint: ENDPOINT, username: 'orders' };
const TWO = {
  create: 'orders',
  endpoint: ENDPOINT,
  strategy: 'alternating-users',
  usernames: ['orders_a', 'orders_b'],
};

/** Accepts the file as `cdk synth` does. Paths are relative to the repository. */
const file =
  (content: Map): (() => unknown) =>
  () =>
    parseConfiguration(JSON.stringify(content), join(ROOT, 'rotation.yaml'));

const fileFor =
  (deployment: { account: string; region: string }, arn: string): (() => unknown) =>
  () =>
    parseConfiguration(`secrets: [{arn: "${arn}a-Ab12Cd"}]`, 'rotation.yaml', deployment);

const files = (message: string, wrong: Map, ...fixed: readonly Map[]): Row => ({
  message,
  wrong: file(wrong),
  fixed: fixed.map(file),
});

/** The same with only the keys of `function`. */
const fn = (message: string, wrong: Map, ...fixed: readonly Map[]): Row =>
  files(
    message,
    { function: wrong, secrets: ONE_SECRET },
    ...fixed.map((keys) => ({ function: keys, secrets: ONE_SECRET })),
  );

/** The same with only one entry of `secrets`. */
const entry = (message: string, wrong: Map, ...fixed: readonly Map[]): Row =>
  files(message, { secrets: [wrong] }, ...fixed.map((keys) => ({ secrets: [keys] })));

const schedule = (message: string, wrong: string, ...fixed: readonly string[]): Row =>
  entry(message, { name: 'orders', schedule: wrong }, ...fixed.map((text) => ({ name: 'orders', schedule: text })));

const monitoring = (message: string, wrong: Map, fixed: Map): Row =>
  files(message, { monitoring: wrong, secrets: ONE_SECRET }, { monitoring: fixed, secrets: ONE_SECRET });

const VPC = { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0'] };
const LINK = { serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0', endpoints: [ENDPOINT] };

const vpc = (message: string, wrong: Map, ...fixed: readonly Map[]): Row =>
  fn(message, { vpc: { ...VPC, ...wrong } }, ...fixed.map((keys) => ({ vpc: { ...VPC, ...keys } })));

const link = (message: string, wrong: Map, ...fixed: readonly Map[]): Row =>
  vpc(message, { privateLink: { ...LINK, ...wrong } }, ...fixed.map((keys) => ({ privateLink: { ...LINK, ...keys } })));

const FOLDER = { secretNamePrefix: 'milvus/' };
const IN_FOLDER = [{ name: 'milvus/orders' }];
const numbered = (count: number): Map[] => Array.from({ length: count }, (_, index) => ({ name: `milvus/s${index}` }));

const FILE_ROWS: readonly Row[] = [
  fn(
    'adminSecretKmsKeyArn',
    { adminSecretKmsKeyArn: KEY_ARN },
    { adminSecretKmsKeyArn: KEY_ARN, adminSecretArn: `${SECRET_ARN}ops/admin-Ab12Cd` },
  ),
  files(
    'This secret is below milvus/',
    { function: { ...FOLDER, adminSecretArn: `${SECRET_ARN}milvus/admin-Ab12Cd` }, secrets: IN_FOLDER },
    { function: { ...FOLDER, adminSecretArn: `${SECRET_ARN}ops/admin-Ab12Cd` }, secrets: IN_FOLDER },
    {
      function: { secretNamePrefix: 'milvus/apps/', adminSecretArn: `${SECRET_ARN}milvus/admin-Ab12Cd` },
      secrets: [{ name: 'milvus/apps/orders' }],
    },
  ),
  files(
    'secrets[0] is this secret, too.',
    { function: { adminSecretArn: `${SECRET_ARN}admin-Ab12Cd` }, secrets: [{ name: 'admin' }, { name: 'orders' }] },
    { function: { adminSecretArn: `${SECRET_ARN}other-Ab12Cd` }, secrets: [{ name: 'admin' }, { name: 'orders' }] },
    { function: { adminSecretArn: `${SECRET_ARN}admin-Ab12Cd` }, secrets: [{ name: 'orders' }] },
  ),
  entry(
    'cannot be spread',
    { name: 'orders', schedule: 'rate(30 days)', spreadHours: 4 },
    { name: 'orders', schedule: 'cron(0 3 ? * SUN *)', spreadHours: 4 },
  ),
  entry(
    'The last window would end',
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', spreadHours: 6, duration: '2h' },
    { name: 'orders', schedule: 'cron(0 10 1 * ? *)', spreadHours: 6, duration: '2h' },
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', spreadHours: 2, duration: '2h' },
    { name: 'orders', schedule: 'cron(0 17 1 * ? *)', spreadHours: 6, duration: '1h' },
  ),
  files(
    'The file has 191 secrets',
    { secrets: numbered(191) },
    { function: FOLDER, stacks: 8, secrets: numbered(191) },
  ),
  files(
    'Secrets in several stacks need',
    { stacks: 2, secrets: IN_FOLDER },
    { stacks: 2, function: FOLDER, secrets: IN_FOLDER },
  ),
  files(
    'uses an admin secret only for pinned',
    { stacks: 2, function: { ...FOLDER, adminSecretArn: `${SECRET_ARN}ops/admin-Ab12Cd` }, secrets: IN_FOLDER },
    { stacks: 2, function: FOLDER, secrets: IN_FOLDER },
    { function: { ...FOLDER, adminSecretArn: `${SECRET_ARN}ops/admin-Ab12Cd` }, secrets: IN_FOLDER },
  ),
  files(
    'The function may rotate only secrets whose name starts',
    { function: FOLDER, secrets: [{ name: 'orders' }] },
    { function: FOLDER, secrets: IN_FOLDER },
  ),
  files(
    'These keys have no effect',
    { function: { secretKmsKeyArns: [KEY_ARN] }, secrets: ONE_SECRET },
    { function: { ...FOLDER, secretKmsKeyArns: [KEY_ARN] }, secrets: IN_FOLDER },
    { secrets: [{ name: 'orders', kmsKeyArn: KEY_ARN }] },
  ),
  files(
    'an existing secret must contain this itself',
    { stacks: 2, function: FOLDER, secrets: [{ name: 'milvus/orders', endpoint: ENDPOINT }] },
    { stacks: 2, function: FOLDER, secrets: IN_FOLDER },
  ),
  files(
    'the function must know the key',
    { stacks: 2, function: FOLDER, secrets: [{ name: 'milvus/orders', kmsKeyArn: KEY_ARN }] },
    {
      stacks: 2,
      function: { ...FOLDER, secretKmsKeyArns: [KEY_ARN] },
      secrets: [{ name: 'milvus/orders', kmsKeyArn: KEY_ARN }],
    },
  ),
  files('names the same secret', { secrets: [{ name: 'orders' }, { name: 'orders' }] }, { secrets: ONE_SECRET }),
  files(
    'CDK cannot distinguish',
    { secrets: [{ name: 'a/b' }, { name: 'a--b' }] },
    { stackName: 'other', secrets: [{ name: 'a--b' }] },
  ),
  files(
    'A file is for one account and one region',
    { secrets: [{ arn: `${SECRET_ARN}a-Ab12Cd` }, { arn: `${SECRET_ARN.replace('west', 'east')}b-Ab12Cd` }] },
    { secrets: [{ arn: `${SECRET_ARN.replace('west', 'east')}b-Ab12Cd` }] },
  ),
  files(
    'function.logKmsKeyArn: "arn:aws:kms:us-east-2:',
    { function: { logKmsKeyArn: KEY_ARN.replace('west', 'east') }, secrets: [{ arn: `${SECRET_ARN}a-Ab12Cd` }] },
    { function: { logKmsKeyArn: KEY_ARN.replace('west', 'east') }, secrets: ONE_SECRET },
    { function: { logKmsKeyArn: KEY_ARN }, secrets: [{ arn: `${SECRET_ARN}a-Ab12Cd` }] },
  ),
  {
    message: 'but this command is for account 123456789012, region us-east-2.',
    wrong: fileFor({ account: '123456789012', region: 'us-east-2' }, SECRET_ARN),
    fixed: [
      fileFor({ account: '123456789012', region: 'us-west-2' }, SECRET_ARN),
      fileFor({ account: '123456789012', region: 'us-east-2' }, SECRET_ARN.replace('west', 'east')),
    ],
  },
  entry(
    'Item 1 is the same',
    { ...NEW, replicaRegions: ['eu-west-1', 'eu-west-1'] },
    { ...NEW, replicaRegions: ['eu-west-1'] },
  ),
  files(
    'pins no secret to its two users',
    { stacks: 2, function: { ...FOLDER, strategy: 'alternating-users' }, secrets: IN_FOLDER },
    { stacks: 2, function: { ...FOLDER, strategy: 'single-user' }, secrets: IN_FOLDER },
    { function: { ...FOLDER, strategy: 'alternating-users' }, secrets: [{ ...TWO, create: 'milvus/orders' }] },
  ),
  files('A stack name', { stackName: '1st', secrets: ONE_SECRET }, { stackName: 'first', secrets: ONE_SECRET }),
  files('Write a list of secrets.', { secrets: 'orders' }, { secrets: ONE_SECRET }),
  files('Write at least one secret.', { secrets: [] }, { secrets: ONE_SECRET }),
  {
    message: 'does not exist',
    wrong: () => readConfiguration(join(ROOT, 'none.yaml')),
    fixed: [() => readConfiguration(join(ROOT, 'rotation.yaml'))],
  },
  {
    message: 'file: This is 5.',
    wrong: () => readConfiguration(5 as unknown as string),
    fixed: [() => readConfiguration(join(ROOT, 'rotation.yaml'))],
  },
  entry('This entry has none of them', {}, NEW, { name: 'orders' }, { arn: `${SECRET_ARN}orders-Ab12Cd` }),
  fn('Write the path of a PEM file, relative to this file.', { caFile: 1 }, { caFile: 'examples/cdk/private-ca.pem' }),
  fn('This file cannot be read.', { caFile: 'none.pem' }, { caFile: 'examples/cdk/private-ca.pem' }),
  fn(
    'This is the certificate of a server.',
    { caFile: 'test/infra/fixtures/server-certificate.pem' },
    { caFile: 'examples/cdk/private-ca.pem' },
  ),
  fn('The text contains no certificate.', { caFile: 'README.md' }, { caFile: 'examples/cdk/private-ca.pem' }),
  files(
    'Write a list of ARNs of KMS keys.',
    { function: { ...FOLDER, secretKmsKeyArns: KEY_ARN }, secrets: IN_FOLDER },
    { function: { ...FOLDER, secretKmsKeyArns: [KEY_ARN] }, secrets: IN_FOLDER },
  ),
  files(
    'An empty list permits no KMS key.',
    { function: { ...FOLDER, secretKmsKeyArns: [] }, secrets: IN_FOLDER },
    { function: { ...FOLDER, secretKmsKeyArns: [KEY_ARN] }, secrets: IN_FOLDER },
    { function: FOLDER, secrets: IN_FOLDER },
  ),
  fn('Write arm64 or x86_64.', { architecture: 'arm' }, { architecture: 'arm64' }, { architecture: 'x86_64' }),
  fn(
    'ARN of a managed policy',
    { permissionsBoundaryArn: 'limit' },
    { permissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/limit' },
  ),
  fn('CloudWatch Logs keeps', { logRetentionDays: 31 }, { logRetentionDays: 30 }),
  fn(
    'Write retain or destroy.',
    { logRemovalPolicy: 'delete' },
    { logRemovalPolicy: 'retain' },
    { logRemovalPolicy: 'destroy' },
  ),
  fn('ARN of a KMS key', { logKmsKeyArn: 'alias/logs' }, { logKmsKeyArn: KEY_ARN }),
  fn(
    'Write a host (milvus',
    { allowedEndpoints: ['https://milvus.example.com'] },
    { allowedEndpoints: ['milvus.example.com'] },
    { allowedEndpoints: ['.example.com'] },
  ),
  fn('Write a list of hosts', { allowedEndpoints: '.example.com' }, { allowedEndpoints: ['.example.com'] }),
  fn('An empty list allows no cluster.', { allowedEndpoints: [] }, { allowedEndpoints: ['.example.com'] }, {}),
  fn('Write grpc or rest.', { transport: 'http' }, { transport: 'grpc' }, { transport: 'rest' }),
  fn('Write true or false.', { allowPlaintext: 'yes' }, { allowPlaintext: true }, { allowPlaintext: false }),
  fn(
    'from 128 to 10240. Lambda allows no other sizes.',
    { memorySize: 64 },
    { memorySize: 128 },
    { memorySize: 10_240 },
  ),
  fn('0 stops all rotations.', { reservedConcurrentExecutions: -1 }, { reservedConcurrentExecutions: 0 }),
  fn('from 30 to 900. A shorter step', { timeout: 10 }, { timeout: 30 }, { timeout: 900 }),
  fn('Write the characters as one string', { passwordExcludeCharacters: ['a'] }, { passwordExcludeCharacters: 'a' }),
  fn('Write a folder', { secretNamePrefix: 'orders' }, {}),
  files(
    'Write a folder that ends in a slash',
    { function: { secretNamePrefix: 'milvus' }, secrets: IN_FOLDER },
    { function: FOLDER, secrets: IN_FOLDER },
  ),
  fn('leave no digit character', { passwordExcludeCharacters: '0123456789' }, { passwordExcludeCharacters: '01234' }),
  fn(
    'bits of entropy',
    { passwordLength: 8, passwordExcludeCharacters: 'ABCDEFGHIJKLMNOPQRSTUVWXYbcdefghijklmnopqrstuvwxyz12345678' },
    { passwordLength: 64, passwordExcludeCharacters: 'ABCDEFGHIJKLMNOPQRSTUVWXYbcdefghijklmnopqrstuvwxyz12345678' },
    { passwordLength: 8 },
  ),
  fn('Write a map. Its keys', { vpc: 'vpc-1' }, { vpc: VPC }),
  fn('memory: Unknown key. Allowed', { memory: 512 }, { memorySize: 512 }),
  fn('ARN, with the six characters', { adminSecretArn: 'admin' }, { adminSecretArn: `${SECRET_ARN}admin-Ab12Cd` }),
  fn(
    'is not an allowed endpoint',
    { clusterEndpoint: 'https://milvus.example.com' },
    { clusterEndpoint: 'https://milvus.example.com', allowedEndpoints: ['milvus.example.com'] },
    { clusterEndpoint: 'https://milvus.example.com', allowedEndpoints: ['.example.com'] },
  ),
  fn('The endpoint is not an address.', { clusterEndpoint: 'milvus' }, { clusterEndpoint: ENDPOINT }),
  fn(
    'holds a user name or a password',
    { clusterEndpoint: 'https://a:b@in01.zillizcloud.com' },
    { clusterEndpoint: 'https://in01.zillizcloud.com' },
  ),
  fn(
    'has a path',
    { clusterEndpoint: 'https://in01.zillizcloud.com/v2' },
    { clusterEndpoint: 'https://in01.zillizcloud.com' },
  ),
  fn(
    'would carry passwords in plain text',
    { clusterEndpoint: 'http://in01.zillizcloud.com' },
    { clusterEndpoint: 'https://in01.zillizcloud.com' },
    { clusterEndpoint: 'http://in01.zillizcloud.com', allowPlaintext: true },
  ),
  vpc('id of a VPC', { vpcId: 'mine' }, {}),
  vpc('id of a subnet', { subnetIds: ['a'] }, {}),
  vpc('Write a list of subnets.', { subnetIds: 'subnet-0123456789abcdef0' }, {}),
  vpc(
    'Write at least one subnet',
    { subnetIds: [] },
    { subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] },
  ),
  vpc('id of a security group', { securityGroupIds: ['a'] }, { securityGroupIds: ['sg-0123456789abcdef0'] }),
  vpc(
    'Write a list of security groups.',
    { securityGroupIds: 'sg-0123456789abcdef0' },
    { securityGroupIds: ['sg-0123456789abcdef0'] },
  ),
  vpc('An empty list is not allowed.', { securityGroupIds: [] }, { securityGroupIds: ['sg-0123456789abcdef0'] }, {}),
  link('Write the service name', { serviceName: 'vpce-svc-0' }, {}),
  link('Write a list of cluster endpoints.', { endpoints: ENDPOINT }, {}),
  link('Write at least one cluster endpoint.', { endpoints: [] }, {}),
  link(
    'Write a list of security groups.',
    { clientSecurityGroupIds: 'sg-0123456789abcdef0' },
    { clientSecurityGroupIds: ['sg-0123456789abcdef0'] },
  ),
  monitoring('ARN of an SNS topic', { topicArn: 'oncall' }, { topicArn: 'arn:aws:sns:us-west-2:123456789012:oncall' }),
  monitoring('Write an email address', { email: 'oncall' }, { email: 'oncall@example.com' }),
  monitoring(
    'Write an address without spaces.',
    { runbook: 'our runbook' },
    { runbook: 'https://runbooks.example.com/rotation' },
  ),
  files(
    'Write a map of tags.',
    { tags: 'team', secrets: ONE_SECRET },
    { tags: { team: 'search' }, secrets: ONE_SECRET },
  ),
  files(
    'A tag key',
    { tags: { 'aws:team': 'search' }, secrets: ONE_SECRET },
    { tags: { team: 'search' }, secrets: ONE_SECRET },
  ),
  files(
    'team: 1 Write a string.',
    { tags: { team: 1 }, secrets: ONE_SECRET },
    { tags: { team: '1' }, secrets: ONE_SECRET },
  ),
  entry(
    'endpoint: Missing. Write https://host[:port].',
    { create: 'orders', username: 'u' },
    { create: 'orders', username: 'u', endpoint: ENDPOINT },
  ),
  entry('A cluster user', { ...NEW, username: '1st' }, NEW),
  entry('A secret name', { name: 'a b' }, { name: 'a-b' }),
  entry('A new name must not end', { ...NEW, create: 'orders-abcdef' }, { ...NEW, create: 'orders-abcde' }),
  entry(
    'only for a secret with create',
    { name: 'orders', removalPolicy: 'destroy' },
    { name: 'orders' },
    { ...NEW, removalPolicy: 'destroy' },
  ),
  entry('Write one line of text.', { ...NEW, description: ['a'] }, { ...NEW, description: 'a' }),
  entry(
    'Write at most 2,048 characters.',
    { ...NEW, description: 'a'.repeat(2049) },
    { ...NEW, description: 'a'.repeat(2048) },
  ),
  entry(
    'Write the name of a region',
    { ...NEW, replicaRegions: ['Ireland'] },
    { ...NEW, replicaRegions: ['eu-west-1'] },
  ),
  entry('Write a list of regions.', { ...NEW, replicaRegions: 'eu-west-1' }, { ...NEW, replicaRegions: ['eu-west-1'] }),
  entry(
    'Write whole hours',
    { name: 'orders', duration: '30h' },
    { name: 'orders', duration: '1h' },
    { name: 'orders', duration: '24h' },
  ),
  entry(
    'The window must end',
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', duration: '6h' },
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', duration: '4h' },
  ),
  entry('strategy: "two" Write single-user', { ...NEW, strategy: 'two' }, { ...NEW, strategy: 'single-user' }, TWO),
  entry('Remove username.', { ...TWO, username: 'orders' }, TWO),
  entry(
    'A single user is named by username.',
    { ...TWO, strategy: 'single-user' },
    { ...NEW, strategy: 'single-user' },
    TWO,
  ),
  entry('write the two users that take turns', { ...NEW, strategy: 'alternating-users' }, TWO),
  entry('Write the two users', { ...TWO, usernames: ['a'] }, { ...TWO, usernames: ['a', 'b'] }),
  entry('They must differ.', { ...TWO, usernames: ['a', 'a'] }, { ...TWO, usernames: ['a', 'b'] }),
  entry(
    'write the endpoint of the cluster that has both users',
    { name: 'orders', strategy: 'alternating-users', usernames: ['a', 'b'] },
    { name: 'orders', strategy: 'alternating-users', usernames: ['a', 'b'], endpoint: ENDPOINT },
  ),
  files(
    'has the same user at the same endpoint',
    { secrets: [NEW, { ...NEW, create: 'search' }] },
    { secrets: [NEW, { ...NEW, create: 'search', username: 'search' }] },
    { secrets: [NEW] },
  ),
  files(
    'give the secret this endpoint here too',
    {
      function: { clusterEndpoint: ENDPOINT },
      secrets: [
        { name: 'orders', username: 'u' },
        { name: 'search', username: 'u' },
      ],
    },
    {
      function: { clusterEndpoint: ENDPOINT },
      secrets: [
        { name: 'orders', username: 'u' },
        { name: 'search', username: 'u', endpoint: ENDPOINT.replace('in01', 'in02') },
      ],
    },
    {
      function: { clusterEndpoint: ENDPOINT },
      secrets: [
        { name: 'orders', username: 'u' },
        { name: 'search', username: 'v' },
      ],
    },
  ),
  files(
    'two rotations can be only',
    { secrets: [{ ...TWO, schedule: 'rate(4 hours)', duration: '3h' }] },
    { secrets: [{ ...TWO, schedule: 'rate(8 hours)', duration: '3h' }] },
    { secrets: [{ ...TWO, schedule: 'rate(4 hours)', duration: '1h' }] },
    { function: { minimumGapMinutes: 60 }, secrets: [{ ...TWO, schedule: 'rate(4 hours)', duration: '3h' }] },
  ),
  files(
    'Write rate(30 days)',
    { secrets: [{ name: 'orders', schedule: 30 }] },
    { secrets: [{ name: 'orders', schedule: 'rate(30 days)' }] },
  ),
  schedule('in UTC', 'monthly', 'rate(4 hours)', 'rate(30 days)', 'cron(0 4 1 * ? *)'),
  schedule('Write an interval', 'rate(2 hours)', 'rate(4 hours)', 'rate(999 days)'),
  schedule('has six fields', 'cron(0 4 1 * ?)', 'cron(0 4 1 * ? *)'),
  schedule('The first field (minutes)', 'cron(5 4 1 * ? *)', 'cron(0 4 1 * ? *)'),
  schedule('The last field (year)', 'cron(0 4 1 * ? 2030)', 'cron(0 4 1 * ? *)'),
  schedule(
    'The second field (hours)',
    'cron(0 24 1 * ? *)',
    'cron(0 0 1 * ? *)',
    'cron(0 4,8 1 * ? *)',
    'cron(0 0/8 1 * ? *)',
  ),
  schedule('The third field (day of month)', 'cron(0 4 32 * ? *)', 'cron(0 4 31 * ? *)', 'cron(0 4 L * ? *)'),
  schedule('The fourth field (month)', 'cron(0 4 1 13 ? *)', 'cron(0 4 1 12 ? *)', 'cron(0 4 1 JAN-DEC ? *)'),
  schedule(
    'The fifth field (day of week)',
    'cron(0 4 ? * 8 *)',
    'cron(0 4 ? * 7 *)',
    'cron(0 4 ? * SUN#1 *)',
    'cron(0 4 ? * 5L *)',
  ),
  schedule('must be ?', 'cron(0 4 1 * 1 *)', 'cron(0 4 ? * 1 *)', 'cron(0 4 1 * ? *)'),
  schedule('The fields select no day', 'cron(0 4 30 2 ? *)', 'cron(0 4 28 2 ? *)'),
  schedule('rotates at most every', 'cron(0 1,3 * * ? *)', 'cron(0 1,5 * * ? *)'),
];

// ---- the constructs

const env = { account: '123456789012', region: 'us-west-2' };
const newStack = (app: App, id: string): Stack => new Stack(app, id, { env });

/** Synthesizes the constructs in a new stack, with their validations. */
const synth =
  (build: (stack: Stack, app: App) => unknown): (() => unknown) =>
  () => {
    const app = appWithoutBundles();
    build(newStack(app, 'Test'), app);
    return app.synth();
  };

const stacks = (message: string, wrong: Build, ...fixed: readonly Build[]): Row => ({
  message,
  wrong: synth(wrong),
  fixed: fixed.map(synth),
});

type Build = (stack: Stack, app: App) => unknown;

const withProps =
  (props: (stack: Stack) => RotationFunctionProps | Map): Build =>
  (stack) =>
    new RotationFunction(stack, 'F', props(stack));

const functions = (
  message: string,
  wrong: (stack: Stack) => RotationFunctionProps | Map,
  ...fixed: ReadonlyArray<(stack: Stack) => RotationFunctionProps | Map>
): Row => stacks(message, withProps(wrong), ...fixed.map(withProps));

const rotation =
  (props: (stack: Stack, app: App) => CredentialRotationProps | Map): Build =>
  (stack, app) =>
    new CredentialRotation(stack, 'R', props(stack, app));

const rotations = (
  message: string,
  wrong: (stack: Stack, app: App) => CredentialRotationProps | Map,
  ...fixed: ReadonlyArray<(stack: Stack, app: App) => CredentialRotationProps | Map>
): Row => stacks(message, rotation(wrong), ...fixed.map(rotation));

const named = (scope: Construct, name = 'orders') => Secret.fromSecretNameV2(scope, `Named-${name}`, name);
const USER = { endpoint: ENDPOINT, username: 'orders' };

const otherStackFunction = (app: App, props: RotationFunctionProps = {}) =>
  new RotationFunction(newStack(app, 'Function'), 'F', props);

const imported = (stack: Stack, attrs: Map = {}) =>
  RotationFunction.fromRotationFunctionAttributes(stack, 'Deployed', { functionArn: FUNCTION_ARN, ...attrs });

const crossAccount = (stack: Stack, props: Map = {}) =>
  new CrossAccountRotation(stack, 'Cross', {
    ...USER,
    secretName: 'orders',
    encryptionKey: new Key(stack, 'CrossKey'),
    functionArn: 'arn:aws:lambda:us-west-2:444455556666:function:rotation',
    roleArn: ROLE_ARN,
    ...props,
  });

const allow = (fnOf: RotationFunction, count: number, from = 0, namePrefix = 'milvus/') => {
  for (let index = from; index < count; index++) {
    const name = `${namePrefix}a-service-with-a-long-name-${index}`;
    fnOf.allowRotationOf(Secret.fromSecretNameV2(fnOf, name, name));
  }
};

const pinned = (fnOf: RotationFunction, count: number, from = 0) => {
  for (let index = from; index < count; index++) {
    const secret = Secret.fromSecretNameV2(fnOf, `s-${index}`, `s-${index}`);
    fnOf.allowRotationOf(secret);
    fnOf.pin(fnOf, secret, { endpoint: ENDPOINT, username: `user_${index}` });
  }
};

const PRIVATE_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** Names of secrets that are all in the first of two stacks. */
const IN_ONE_STACK = Array.from({ length: 2000 }, (_, index) => `milvus/s${index}`)
  .filter((name) => partOf(name, 2, 'stack') === 0)
  .slice(0, 241);

const fleet =
  (count: number): (() => void) =>
  () => {
    const app = appWithoutBundles();
    const content = { stacks: count, function: FOLDER, secrets: IN_ONE_STACK.map((name) => ({ name })) };
    rotationStacks(app, parseConfiguration(JSON.stringify(content), 'rotation.yaml'));
    // Only the validations of the stacks, because a synth of so many secrets takes seconds.
    const [problem] = app.node.findAll().flatMap(({ node }) => node.validate());
    if (problem !== undefined) {
      throw new Error(problem);
    }
  };

const CONSTRUCT_ROWS: readonly Row[] = [
  functions(
    'secretNamePrefix is unknown at synth',
    () => ({ secretNamePrefix: `${Aws.STACK_NAME}/` }),
    () => ({ secretNamePrefix: 'milvus/' }),
  ),
  functions(
    'is below secretNamePrefix',
    (stack) => ({ ...FOLDER, adminSecret: named(stack, 'milvus/admin') }),
    (stack) => ({ ...FOLDER, adminSecret: named(stack, 'ops/admin') }),
    (stack) => ({ secretNamePrefix: 'milvus/apps/', adminSecret: named(stack, 'milvus/admin') }),
  ),
  functions(
    'secretKeys needs secretNamePrefix',
    (stack) => ({ secretKeys: [new Key(stack, 'Key')] }),
    (stack) => ({ ...FOLDER, secretKeys: [new Key(stack, 'Key')] }),
  ),
  rotations(
    'secretKeys needs secretNamePrefix',
    (stack) => ({ ...USER, secretKeys: [new Key(stack, 'Key')] }),
    (stack) => ({ ...USER, encryptionKey: new Key(stack, 'Key') }),
  ),
  functions(
    'An account in secretAccounts is unknown',
    () => ({ secretAccounts: [Aws.ACCOUNT_ID] }),
    () => ({ secretAccounts: ['111122223333'] }),
  ),
  functions(
    'twice. Name each account once.',
    () => ({ secretAccounts: ['111122223333', '111122223333'] }),
    () => ({ secretAccounts: ['111122223333'] }),
  ),
  stacks(
    'secretNamePrefix and secretAccounts',
    withProps(() => ({ ...FOLDER, secretAccounts: ['111122223333'] })),
    (stack) => [
      new RotationFunction(stack, 'F', FOLDER),
      new RotationFunction(stack, 'Others', { secretAccounts: ['111122223333'] }),
    ],
  ),
  functions(
    'Write the 12 digits of an account.',
    () => ({ secretAccounts: ['1'] }),
    () => ({ secretAccounts: ['111122223333'] }),
  ),
  functions(
    'Write a list of accounts.',
    () => ({ secretAccounts: '111122223333' }),
    () => ({ secretAccounts: ['111122223333'] }),
  ),
  functions(
    'Give a member of RetentionDays',
    () => ({ logRetention: 31 }),
    () => ({ logRetention: RetentionDays.THREE_MONTHS }),
  ),
  functions(
    'Give a member of RemovalPolicy',
    () => ({ logRemovalPolicy: 'keep' }),
    () => ({ logRemovalPolicy: RemovalPolicy.RETAIN }),
  ),
  functions(
    'Give the text of a PEM file.',
    () => ({ certificateAuthority: 1 }),
    () => ({ certificateAuthority: CERTIFICATE_AUTHORITY }),
  ),
  functions(
    'contains a private key',
    () => ({ certificateAuthority: PRIVATE_KEY }),
    () => ({ certificateAuthority: CERTIFICATE_AUTHORITY }),
  ),
  functions(
    'certificate of a server',
    () => ({ certificateAuthority: SERVER_CERTIFICATE }),
    () => ({ certificateAuthority: CERTIFICATE_AUTHORITY }),
  ),
  functions(
    'Give a selection',
    (stack) => ({ vpc: vpcIn(stack), vpcSubnets: 'private' }),
    (stack) => ({ vpc: vpcIn(stack), vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } }),
  ),
  functions(
    'Give a list of keys of CDK.',
    (stack) => ({ ...FOLDER, secretKeys: new Key(stack, 'Key') }),
    (stack) => ({ ...FOLDER, secretKeys: [new Key(stack, 'Key')] }),
  ),
  stacks(
    'props: This is null.',
    (stack) => new RotationFunction(stack, 'F', null as never),
    withProps(() => ({})),
  ),
  stacks(
    'The target key of alias/mine is unknown',
    (stack) =>
      new RotationFunction(stack, 'F').allowRotationOf(
        named(stack),
        Key.fromKeyArn(stack, 'Key', KEY_ARN.replace(/key\/.*/, 'alias/mine')),
      ),
    (stack) => new RotationFunction(stack, 'F').allowRotationOf(named(stack), Key.fromKeyArn(stack, 'Key', KEY_ARN)),
  ),
  stacks(
    'The inline policies of the function',
    (stack) => allow(new RotationFunction(stack, 'F'), 120),
    (stack) => allow(new RotationFunction(stack, 'F', FOLDER), 120),
    (stack) => [allow(new RotationFunction(stack, 'F'), 60), allow(new RotationFunction(stack, 'G'), 120, 60)],
  ),
  stacks(
    'The environment of the function would have',
    (stack) => pinned(new RotationFunction(stack, 'F'), 40),
    (stack) => pinned(new RotationFunction(stack, 'F'), 20),
    (stack) => [pinned(new RotationFunction(stack, 'F'), 20), pinned(new RotationFunction(stack, 'G'), 40, 20)],
    (stack) => allow(new RotationFunction(stack, 'F'), 40, 0, ''),
  ),
  stacks(
    'omit it, or use another RotationFunction',
    (stack) => pinned(new RotationFunction(stack, 'F', { adminSecret: named(stack, 'admin') }), 40),
    (stack) => pinned(new RotationFunction(stack, 'F', { adminSecret: named(stack, 'admin') }), 20),
  ),
  stacks(
    'cannot be one of the rotated secrets',
    (stack) =>
      new RotationFunction(stack, 'F', { adminSecret: named(stack) }).allowRotationOf(
        named(new Construct(stack, 'Same')),
      ),
    (stack) => new RotationFunction(stack, 'F', { adminSecret: named(stack, 'admin') }).allowRotationOf(named(stack)),
    (stack) => [
      new RotationFunction(stack, 'F', { adminSecret: named(stack) }),
      new RotationFunction(stack, 'G').allowRotationOf(named(new Construct(stack, 'Same'))),
    ],
  ),
  rotations(
    'is outside milvus/',
    (stack) => ({ ...USER, secretName: 'orders', rotationFunction: new RotationFunction(stack, 'F', FOLDER) }),
    (stack) => ({ ...USER, secretName: 'milvus/orders', rotationFunction: new RotationFunction(stack, 'F', FOLDER) }),
    (stack) => ({ ...USER, secretName: 'orders', rotationFunction: new RotationFunction(stack, 'F') }),
  ),
  rotations(
    'does not pin a new secret of another stack',
    (_, app) => ({
      endpoint: ENDPOINT,
      strategy: 'alternating-users',
      usernames: ['a', 'b'],
      secretName: 'milvus/two',
      rotationFunction: otherStackFunction(app, FOLDER),
    }),
    (stack) => ({
      endpoint: ENDPOINT,
      strategy: 'alternating-users',
      usernames: ['a', 'b'],
      secretName: 'milvus/two',
      rotationFunction: new RotationFunction(stack, 'F', FOLDER),
    }),
    (_, app) => ({
      endpoint: ENDPOINT,
      strategy: 'alternating-users',
      usernames: ['a', 'b'],
      secretName: 'milvus/two',
      rotationFunction: otherStackFunction(app),
    }),
  ),
  rotations(
    'the name of this secret is unknown at synth',
    (stack) => ({ ...USER, secret: new Secret(stack, 'S') }),
    (stack) => ({ ...USER, secret: named(stack) }),
    (stack) => ({ ...USER, secret: Secret.fromSecretCompleteArn(stack, 'S', `${SECRET_ARN}orders-Ab12Cd`) }),
    (stack) => ({ secret: new Secret(stack, 'S') }),
  ),
  stacks(
    'The alarms need at least one secret',
    (stack) => new RotationAlarms(stack, 'A', { rotationFunction: new RotationFunction(stack, 'F') }),
    (stack) =>
      new RotationAlarms(stack, 'A', { rotationFunction: new CredentialRotation(stack, 'R', USER).rotationFunction }),
    (stack) => {
      const rotationFunction = new RotationFunction(stack, 'F');
      rotationFunction.allowRotationOf(named(stack));
      new RotationAlarms(stack, 'A', { rotationFunction });
    },
    (stack) => new RotationAlarms(stack, 'A', { rotationFunction: new RotationFunction(stack, 'F', FOLDER) }),
  ),
  stacks(
    'monitored by its own app',
    (stack) => new RotationAlarms(stack, 'A', { rotationFunction: imported(stack, FOLDER) }),
    (stack) => new RotationAlarms(stack, 'A', { rotationFunction: new RotationFunction(stack, 'F', FOLDER) }),
  ),
  stacks(
    'maxAge is 12 hours',
    (stack) =>
      new RotationAlarms(stack, 'A', {
        rotationFunction: new RotationFunction(stack, 'F', FOLDER),
        maxAge: Duration.hours(12),
      }),
    (stack) =>
      new RotationAlarms(stack, 'A', {
        rotationFunction: new RotationFunction(stack, 'F', FOLDER),
        maxAge: Duration.days(90),
      }),
    (stack) => new RotationAlarms(stack, 'A', { rotationFunction: new RotationFunction(stack, 'F', FOLDER) }),
  ),
  rotations(
    'The stack of the secret creates the key',
    (stack, app) => ({
      secret: named(stack),
      encryptionKey: new Key(stack, 'Key'),
      rotationFunction: otherStackFunction(app),
    }),
    (stack, app) => {
      const rotationFunction = otherStackFunction(app);
      return { secret: named(stack), encryptionKey: new Key(Stack.of(rotationFunction), 'Key'), rotationFunction };
    },
    (stack, app) => ({
      secret: named(stack),
      encryptionKey: new Key(newStack(app, 'Third'), 'Key'),
      rotationFunction: otherStackFunction(app),
    }),
  ),
  rotations(
    'This stack creates the secret',
    (_, app) => ({ ...USER, rotationFunction: otherStackFunction(app) }),
    (_, app) => ({ ...USER, secretName: 'orders', rotationFunction: otherStackFunction(app) }),
    (_, app) => ({ ...USER, secretName: 'milvus/orders', rotationFunction: otherStackFunction(app, FOLDER) }),
  ),
  rotations(
    'This stack creates the secret',
    (stack, app) => ({
      secret: new Secret(stack, 'S', { secretName: 'own' }),
      rotationFunction: otherStackFunction(app),
    }),
    (stack, app) => {
      new Secret(stack, 'S', { secretName: 'own' });
      return { secret: named(stack, 'own'), rotationFunction: otherStackFunction(app) };
    },
  ),
  stacks(
    'rotates this secret already',
    (stack) =>
      [stack, new Construct(stack, 'Again')].map(
        (scope) => new CredentialRotation(scope, 'R', { secret: named(scope) }),
      ),
    rotation((stack) => ({ secret: named(stack) })),
  ),
  rotations(
    'secret cannot be given together with secretName',
    (stack) => ({ secret: named(stack), secretName: 'orders' }),
    (stack) => ({ secret: named(stack) }),
  ),
  rotations(
    'rotationFunction cannot be given together with memorySize',
    (stack) => ({ ...USER, rotationFunction: new RotationFunction(stack, 'F'), memorySize: 1024 }),
    (stack) => ({ ...USER, rotationFunction: new RotationFunction(stack, 'F', { memorySize: 1024 }) }),
  ),
  stacks(
    'A schedule must be in the account and region of its secret',
    rotation((stack) => ({
      secret: Secret.fromSecretCompleteArn(stack, 'S', `${SECRET_ARN.replace('west', 'east')}a-Ab12Cd`),
    })),
    (_, app) => {
      const east = new Stack(app, 'East', { env: { ...env, region: 'us-east-2' } });
      new CredentialRotation(east, 'R', {
        secret: Secret.fromSecretCompleteArn(east, 'S', `${SECRET_ARN.replace('west', 'east')}a-Ab12Cd`),
      });
    },
    (stack) => crossAccount(stack),
  ),
  rotations(
    'a new secret needs both endpoint and username',
    () => ({ username: 'orders' }),
    (stack) => ({ secret: named(stack) }),
    () => USER,
  ),
  rotations(
    'endpoint: 5 Write https://host[:port].',
    () => ({ ...USER, endpoint: 5 }),
    () => USER,
  ),
  rotations(
    'replicaRegions[0].region: Give the name of a region',
    () => ({ ...USER, replicaRegions: [{}] }),
    () => ({ ...USER, replicaRegions: [{ region: 'eu-west-1' }] }),
  ),
  rotations(
    'replicaRegions[0]: "eu-west-1" Give a map',
    () => ({ ...USER, replicaRegions: ['eu-west-1'] }),
    () => ({ ...USER, replicaRegions: [{ region: 'eu-west-1' }] }),
  ),
  stacks(
    'this app cannot change the policy of an imported key',
    (stack) => crossAccount(stack, { encryptionKey: Key.fromKeyArn(stack, 'Key', KEY_ARN) }),
    (stack) => crossAccount(stack, { encryptionKey: new Key(stack, 'Key') }),
  ),
  stacks(
    'ARN of the rotation function',
    (stack) => imported(stack, { functionArn: `${FUNCTION_ARN}:live` }),
    (stack) => imported(stack),
  ),
  stacks(
    'ARN of the role',
    (stack) => crossAccount(stack, { roleArn: 'rotation' }),
    (stack) => crossAccount(stack),
  ),
  stacks(
    'Secrets Manager invokes functions of its own region only',
    (stack) => imported(stack, { functionArn: FUNCTION_ARN.replace('west', 'east') }),
    (stack) => imported(stack),
  ),
  stacks(
    'of its own region only',
    (stack) => crossAccount(stack, { functionArn: 'arn:aws:lambda:us-east-2:444455556666:function:rotation' }),
    (stack) => crossAccount(stack),
  ),
  stacks(
    'for a function of this account.',
    (stack) => crossAccount(stack, { functionArn: FUNCTION_ARN }),
    (stack) => new CredentialRotation(stack, 'R', { ...USER, secretName: 'orders', rotationFunction: imported(stack) }),
  ),
  stacks(
    'Give the role of the function: rotationFunction.role.roleArn.',
    (stack) => crossAccount(stack, { roleArn: ROLE_ARN.replace('444455556666', '111122223333') }),
    (stack) => crossAccount(stack, { roleArn: ROLE_ARN }),
  ),
  stacks(
    'Use CrossAccountRotation for a function of another account.',
    (stack) => imported(stack, { functionArn: FUNCTION_ARN.replace('123456789012', '444455556666') }),
    (stack) => crossAccount(stack),
  ),
  rotations(
    'CloudFormation generates the name',
    (stack) => ({ ...USER, rotationFunction: imported(stack) }),
    (stack) => ({ ...USER, secretName: 'orders', rotationFunction: imported(stack) }),
    (stack) => ({ ...USER, secretName: 'milvus/orders', rotationFunction: imported(stack, FOLDER) }),
  ),
  functions(
    'Did you mean memorySize?',
    () => ({ memorySizes: 1024 }),
    () => ({ memorySize: 1024 }),
    () => ({}),
  ),
  functions(
    'foo: Unknown prop. Remove it.',
    () => ({ foo: 1 }),
    () => ({}),
  ),
  rotations(
    'props: This is undefined. Give a map: { secret } or',
    () => undefined as never,
    (stack) => ({ secret: named(stack) }),
    () => USER,
  ),
  functions(
    'adminSecret: This is in region us-east-2',
    (stack) => ({
      adminSecret: Secret.fromSecretCompleteArn(stack, 'S', `${SECRET_ARN.replace('west', 'east')}a-Ab12Cd`),
    }),
    (stack) => ({ adminSecret: Secret.fromSecretCompleteArn(stack, 'S', `${SECRET_ARN}a-Ab12Cd`) }),
  ),
  functions(
    'Give a member of SubnetType',
    (stack) => ({ vpc: vpcIn(stack), vpcSubnets: { subnetType: 'private' } }),
    (stack) => ({ vpc: vpcIn(stack), vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } }),
  ),
  stacks(
    'Give the name of a secret.',
    (stack) => new RotationFunction(stack, 'F').checkName(stack, 5 as never),
    (stack) => new RotationFunction(stack, 'F').checkName(stack, 'orders'),
  ),
  stacks(
    'statistic: 5 Give a string.',
    (stack) => imported(stack).metricStepFailed({ statistic: 5 as never }),
    (stack) => imported(stack).metricStepFailed({ statistic: 'Sum' }),
  ),
  stacks(
    'Give a member of Unit',
    (stack) => imported(stack).metricStepFailed({ unit: 'count' as never }),
    (stack) => imported(stack).metricStepFailed({ unit: Unit.COUNT }),
  ),
  stacks(
    'Give a map of dimensions',
    (stack) => imported(stack).metricStepFailed({ dimensionsMap: 'step' as never }),
    (stack) => imported(stack).metricStepFailed({ dimensionsMap: { step: 'setSecret' } }),
  ),
  stacks(
    'Give a code of docs/operations.md',
    (stack) => imported(stack).metricFailureByCode('CLUSTER_UNREACHABLES'),
    (stack) => imported(stack).metricFailureByCode('CLUSTER_UNREACHABLE'),
  ),
  stacks(
    'Give one of createSecret',
    (stack) => imported(stack).metricStepDuration('create' as never),
    (stack) => imported(stack).metricStepDuration('createSecret'),
  ),
  stacks(
    'The endpoint is not an address.',
    (stack) => new ClusterPrivateLink(stack, 'L', { ...LINK, vpc: vpcIn(stack), endpoints: ['milvus'] }),
    (stack) => new ClusterPrivateLink(stack, 'L', { ...LINK, vpc: vpcIn(stack), allowFrom: [] }),
  ),
  stacks(
    'is invalid. Write an interval',
    () => RotationSchedule.rate(Duration.hours(2)),
    () => RotationSchedule.rate(Duration.hours(4)),
  ),
  stacks(
    'Write rate(30 days)',
    () => RotationSchedule.expression(30 as never),
    () => RotationSchedule.expression('rate(30 days)'),
  ),
  { message: 'Write a higher number for stacks.', wrong: fleet(2), fixed: [fleet(3)] },
];

// ---- the tests

/** Texts that no input reaches at synth, with the reason. */
const UNREACHED: Readonly<Record<string, string>> = {
  'A password length of': 'passwordLength is checked first: a whole number from 8 to 64.',
};

function refusalOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

const ROWS = [...FILE_ROWS, ...CONSTRUCT_ROWS].map(({ wrong, ...row }) => ({ ...row, refusal: refusalOf(wrong) }));

describe('the advice of a refusal at synth leads to an accepted input', () => {
  test.each(ROWS.map((row, index) => [index, row.message, row] as const))('%i %s', (_, message, { refusal, fixed }) => {
    expect(refusal).toContain(message);
    expect(fixed.length).toBeGreaterThan(0);
    expect(fixed.map(refusalOf)).toEqual(fixed.map(() => undefined));
  });

  test('and every refusal in the source has such a test', () => {
    const messages = ROWS.map(({ refusal = '' }) => refusal);
    const texts = refusalTexts().filter(
      ({ pattern }) => !Object.keys(UNREACHED).some((text) => pattern.test(text) || String(pattern).includes(text)),
    );
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter(({ pattern }) => !messages.some((text) => pattern.test(text)))).toEqual([]);
  });
});
