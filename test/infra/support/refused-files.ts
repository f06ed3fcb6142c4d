import { join } from 'node:path';
import { Document } from 'yaml';
import { parseConfiguration, readConfiguration } from '../../../infra/configuration/read-configuration.ts';
import { PROJECT } from '../../../local/project.ts';
import type { Refusal } from './refusals.ts';
import { ENDPOINT, KEY_ARN } from './templates.ts';

type Keys = Readonly<Record<string, unknown>>;

/** By key: wrong values, a part of the message, and the values that its advice leads to. */
type Advice = Readonly<Record<string, readonly (readonly [unknown, string, ...unknown[]])[]>>;

const CA_FILE = 'examples/cdk/private-ca.pem';
const SECRET_ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:';
const EASTERN_ARN = SECRET_ARN.replace('west', 'east');
const GROUP = 'sg-0123456789abcdef0';
const SUBNET = 'subnet-0123456789abcdef0';

const FOLDER = { secretNamePrefix: 'milvus/' };
const ONE_SECRET: readonly Keys[] = [{ name: 'orders' }];
const IN_FOLDER = [{ name: 'milvus/orders' }];
const NEW = { create: 'orders', endpoint: ENDPOINT, username: 'orders' };
const TWO = {
  create: 'orders',
  endpoint: ENDPOINT,
  strategy: 'alternating-users',
  usernames: ['orders_a', 'orders_b'],
};
const VPC = { vpcId: 'vpc-0123456789abcdef0', subnetIds: [SUBNET] };
const LINK = { serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0', endpoints: [ENDPOINT] };

/** Accepts the file as `cdk synth` does. Paths are relative to the repository. */
function read(content: Keys, path: readonly (string | number)[] = [], value?: unknown): () => unknown {
  return () => {
    const document = new Document(content, { aliasDuplicateObjects: false });
    if (path.length > 0) {
      document.deleteIn(path);
    }
    if (value !== undefined) {
      document.setIn(path, value);
    }
    return parseConfiguration(String(document), join(PROJECT, 'rotation.yaml'));
  };
}

/** @param place The key in the file with the only mistake. */
function files(place: string, message: string, wrong: Keys, ...fixed: readonly Keys[]): Refusal {
  const says = ['1 mistake in rotation.yaml; nothing was deployed.', `  ${place}`, message];
  return { says, wrong: read(wrong), fixed: fixed.map((content) => read(content)) };
}

/** The same with only one entry of `secrets`. */
const entry = (place: string, message: string, wrong: Keys, ...fixed: readonly Keys[]): Refusal =>
  files(`secrets[0].${place}`, message, { secrets: [wrong] }, ...fixed.map((keys) => ({ secrets: [keys] })));

/** Replaces keys of a file. The value `undefined` removes the key. */
function keys(content: Keys, path: readonly (string | number)[], advice: Advice): Refusal[] {
  return Object.entries(advice).flatMap(([key, rows]) =>
    rows.map(([wrong, message, ...fixed]) => {
      const place = [...path, key].join('.').replace('secrets.0', 'secrets[0]');
      const [act, ...others] = [wrong, ...fixed].map((value) => read(content, [...path, key], value));
      return { ...files(place, message, {}), wrong: act ?? read({}), fixed: others };
    }),
  );
}

const numbered = (count: number): Keys[] => Array.from({ length: count }, (_, index) => ({ name: `milvus/s${index}` }));

const OF_FUNCTION: Advice = {
  allowedEndpoints: [
    ['.example.com', '".example.com" Write a list of hosts', ['.example.com']],
    [['https://a.example.com'], '[0]: "https://a.example.com" Write a host (milvus', ['a.com'], ['.example.com']],
    [[], '[] An empty list allows no cluster.', ['.example.com'], undefined],
  ],
  clusterEndpoint: [
    ['milvus', '"milvus" The endpoint is not an address.', ENDPOINT],
    ['https://a:b@in01.zillizcloud.com', 'holds a user name or a password', 'https://in01.zillizcloud.com'],
    ['https://in01.zillizcloud.com/v2', 'has a path', 'https://in01.zillizcloud.com'],
    ['http://in01.zillizcloud.com', 'would carry passwords in plain text', 'https://in01.zillizcloud.com'],
  ],
  transport: [['http', '"http" Write grpc or rest.', 'grpc', 'rest']],
  allowPlaintext: [['yes', '"yes" Write true or false.', true, false]],
  caFile: [
    [1, '1 Write the path of a PEM file, relative to this file.', CA_FILE],
    ['none.pem', '"none.pem" This file cannot be read.', CA_FILE],
    ['README.md', 'The text contains no certificate.', CA_FILE],
    ['test/infra/fixtures/server-certificate.pem', 'This is the certificate of a server.', CA_FILE],
  ],
  passwordLength: [['long', '"long" Write a whole number of characters from 8 to 64.', 8, 64]],
  passwordExcludeCharacters: [
    [123_456_789, 'Write the characters as one string, in quotes.', 'a'],
    ['0123456789', 'leave no digit character', '01234'],
  ],
  strategy: [['two-users', '"two-users" Write single-user or alternating-users.', 'single-user']],
  minimumGapMinutes: [[-1, 'Write a whole number of minutes', 0]],
  secretNamePrefix: [['milvus', '"milvus" Write a folder that ends in a slash', 'milvus/', undefined]],
  memorySize: [[64, '64 Write a whole number of MB from 128 to 10240. Lambda allows no other sizes.', 128, 10_240]],
  reservedConcurrentExecutions: [[-1, '0 stops all rotations.', 0]],
  timeout: [[10, '10 Write a whole number of seconds from 30 to 900. A shorter step', 30, 900]],
  architecture: [['arm', 'Write arm64 or x86_64.', 'arm64', 'x86_64']],
  permissionsBoundaryArn: [['limit', 'Write the ARN of a managed policy', 'arn:aws:iam::123456789012:policy/limit']],
  logRetentionDays: [[31, '31 CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60,', 30]],
  logKmsKeyArn: [['alias/logs', 'Write the ARN of a KMS key', KEY_ARN]],
  logRemovalPolicy: [['delete', 'Write retain or destroy.', 'retain', 'destroy']],
  adminSecretArn: [
    ['admin', '"admin" Write the full ARN, with the six characters', `${SECRET_ARN}admin-Ab12Cd`],
    [`${SECRET_ARN}milvus/admin-Ab12Cd`, 'This secret is below milvus/', `${SECRET_ARN}ops/admin-Ab12Cd`],
  ],
  secretKmsKeyArns: [
    [KEY_ARN, 'Write a list of ARNs of KMS keys.', [KEY_ARN]],
    [['alias/mine'], '[0]: "alias/mine" Write the ARN of a KMS key', [KEY_ARN]],
    [[KEY_ARN, KEY_ARN], 'Item 1 is the same.', [KEY_ARN]],
    [[], 'An empty list permits no KMS key.', [KEY_ARN], undefined],
  ],
  vpc: [['vpc-1', 'Write a map. Its keys', VPC]],
  memory: [[512, ': Unknown key. Allowed: strategy, allowedEndpoints,', undefined]],
};

const OF_VPC: Advice = {
  vpcId: [['mine', 'Write the id of a VPC', VPC.vpcId]],
  subnetIds: [
    [SUBNET, 'Write a list of subnets.', [SUBNET]],
    [['a'], 'Write the id of a subnet', [SUBNET]],
    [[], 'Write at least one subnet', [SUBNET, 'subnet-0123456789abcdef1']],
    [[SUBNET, SUBNET], `[1]: "${SUBNET}" Item 1 is the same. Write each item once.`, [SUBNET]],
  ],
  securityGroupIds: [
    [GROUP, 'Write a list of security groups.', [GROUP]],
    [['a'], 'Write the id of a security group', [GROUP]],
    [[], 'An empty list is not allowed.', [GROUP], undefined],
    [[GROUP, GROUP], '[1]: "sg-0123456789abcdef0" Item 1 is the same.', [GROUP]],
  ],
};

const OF_LINK: Advice = {
  serviceName: [['vpce-svc-0', 'Write the service name that the Zilliz Cloud console shows', LINK.serviceName]],
  endpoints: [
    [ENDPOINT, 'Write a list of cluster endpoints.', [ENDPOINT]],
    [[], 'Write at least one cluster endpoint.', [ENDPOINT]],
    [
      [ENDPOINT, 'https://milvus.example.com'],
      '[1]: "https://milvus.example.com" milvus.example.com is not',
      [ENDPOINT],
    ],
    [['http://in01.zillizcloud.com'], '[0]: "http://in01.zillizcloud.com" ', ['https://in01.zillizcloud.com']],
  ],
  clientSecurityGroupIds: [
    [GROUP, 'Write a list of security groups.', [GROUP]],
    [[GROUP, GROUP], '[1]: "sg-0123456789abcdef0" Item 1 is the same.', [GROUP], []],
  ],
};

const OF_MONITORING: Advice = {
  topicArn: [['oncall', 'Write the ARN of an SNS topic', 'arn:aws:sns:us-west-2:123456789012:oncall']],
  email: [['oncall', 'Write an email address: oncall@example.com.', 'oncall@example.com']],
  maxAgeDays: [[0, 'Write a whole number of days from 1 to 1000.', 1]],
  runbook: [['our runbook', 'Write an address without spaces.', 'https://runbooks.example.com/rotation']],
};

const OF_FILE: Advice = {
  stackName: [['1st', 'A stack name starts with a letter', 'first']],
  secrets: [
    ['orders', 'Write a list of secrets.', ONE_SECRET],
    [[], 'Write at least one secret.', ONE_SECRET],
    [['orders'], '[0]: An entry needs exactly one of create, name and arn. This entry has none of them.', ONE_SECRET],
    [[{ user: 'db_admin' }], '[0]: An entry needs exactly', [NEW], [{ arn: `${SECRET_ARN}orders-Ab12Cd` }]],
    [
      [{ ...NEW, name: 'search' }],
      '[0]: An entry needs exactly one of create, name and arn. This entry has create',
      [NEW],
    ],
    [[{ arn: 'orders' }], '[0].arn: "orders" Write the full ARN', [{ arn: `${SECRET_ARN}orders-Ab12Cd` }]],
    [[{ arn: `${SECRET_ARN}orders` }], 'with the six characters at its end', [{ arn: `${SECRET_ARN}orders-Ab12Cd` }]],
    [[{ name: 'a/b' }, { name: 'a--b' }], '[1].name: "a--b" CDK cannot distinguish', [{ name: 'a--b' }]],
    [
      [NEW, { ...NEW, create: 'b' }],
      '[1].username: "orders" secrets[0] has the same user at the same endpoint.',
      [NEW],
    ],
  ],
  tags: [
    [['a'], 'Write a map of tags.', { team: 'search' }],
    [{ '': 'search' }, 'A tag key has 1 to 128 characters', { team: 'search' }],
    [{ 'AWS:team': 'search' }, '.AWS:team: A tag key has 1 to 128 characters', { team: 'search' }],
    [{ team: 1 }, '.team: 1 Write a string.', { team: '1' }],
  ],
  secret: [[[], ': Unknown key. Allowed: stackName, function, defaults, secrets,', undefined]],
};

const OF_FLEET: Advice = {
  stacks: [[1, 'Write a whole number of stacks from 2 to 200.', 2, 200, undefined]],
};

const OF_DEFAULTS: Advice = {
  schedule: [['monthly', '"monthly" Write rate(N hours)', 'rate(30 days)']],
  duration: [['25h', '"25h" Write whole hours', '24h']],
};

const OF_EXISTING_SECRET: Advice = {
  name: [
    ['', 'A secret name has', 'a'],
    ['a b', '"a b" A secret name has', 'a-b'],
  ],
  endpoint: [['https://a.example.com', '"https://a.example.com" a.example.com is not an allowed endpoint', ENDPOINT]],
  username: [
    ['1st', '"1st" A cluster user starts with a letter', 'orders.read-only', `a${'-'.repeat(31)}`],
    [`a${'-'.repeat(32)}`, 'A cluster user', 'orders'],
    ['orders/read', 'A cluster user', 'orders_read'],
  ],
  removalPolicy: [
    ['destroy', ' description, removalPolicy and replicaRegions are only for a secret with create', undefined],
  ],
  duration: [
    [3, '3 Write whole hours from 1h to 24h.', '3h'],
    ['30h', '"30h" Write whole hours from 1h to 24h.', '1h', '24h'],
  ],
  rotateImmediatelyOnUpdate: [[1, 'Write true or false.', true]],
  kmsKeyArn: [['alias/mine', 'Write the ARN of a KMS key', KEY_ARN]],
  schedule: [
    [30, '30 Write rate(30 days) or cron', 'rate(30 days)'],
    ['monthly', '"monthly" Write rate(N hours), rate(N days)', 'rate(4 hours)', 'rate(30 days)', 'cron(0 4 1 * ? *)'],
    ['rate(2 hours)', 'Write an interval', 'rate(4 hours)', 'rate(999 days)'],
    [
      'cron(0 4 1 * ?)',
      'has six fields: cron(0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *). This expression has 5.',
      'cron(0 4 1 * ? *)',
    ],
    ['cron(5 4 1 * ? *)', 'The first field (minutes)', 'cron(0 4 1 * ? *)'],
    ['cron(0 4 1 * ? 2030)', 'The last field (year)', 'cron(0 4 1 * ? *)'],
    [
      'cron(0 24 1 * ? *)',
      'The second field (hours)',
      'cron(0 0 1 * ? *)',
      'cron(0 4,8 1 * ? *)',
      'cron(0 0/8 1 * ? *)',
    ],
    ['cron(0 4 32 * ? *)', 'The third field (day of month)', 'cron(0 4 31 * ? *)', 'cron(0 4 L * ? *)'],
    ['cron(0 4 1 13 ? *)', 'The fourth field (month)', 'cron(0 4 1 12 ? *)', 'cron(0 4 1 JAN-DEC ? *)'],
    [
      'cron(0 4 ? * 8 *)',
      'The fifth field (day of week)',
      'cron(0 4 ? * 7 *)',
      'cron(0 4 ? * SUN#1 *)',
      'cron(0 4 ? * 5L *)',
    ],
    ['cron(0 4 1 * 1 *)', 'must be ?', 'cron(0 4 ? * 1 *)', 'cron(0 4 1 * ? *)'],
    ['cron(0 4 30 2 ? *)', 'The fields select no day', 'cron(0 4 28 2 ? *)'],
    ['cron(0 1,3 * * ? *)', 'rotates at most every', 'cron(0 1,5 * * ? *)'],
  ],
};

const OF_NEW_SECRET: Advice = {
  create: [
    ['a b', '"a b" A secret name has', 'a-b'],
    ['orders-abcdef', 'A new name must not end', 'orders-abcde'],
  ],
  endpoint: [[undefined, ': Missing. Write https://host[:port].', ENDPOINT]],
  username: [[undefined, ': Missing. A cluster user starts with a letter', 'orders']],
  description: [
    [['a'], 'Write one line of text.', 'a'],
    ['a'.repeat(2049), 'Write at most 2,048 characters.', 'a'.repeat(2048)],
  ],
  removalPolicy: [['delete', '"delete" Write retain or destroy.', 'destroy']],
  replicaRegions: [
    ['eu-west-1', 'Write a list of regions.', ['eu-west-1']],
    [['Ireland'], '[0]: "Ireland" Write the name of a region: eu-west-1.', ['eu-west-1']],
    [['eu-west-1', 'eu-west-1'], '[1]: "eu-west-1" Item 1 is the same', ['eu-west-1']],
  ],
  engine: [['milvus', ': Unknown key. Allowed: create, endpoint, username,', undefined]],
  strategy: [['two', '"two" Write single-user or', 'single-user']],
};

const OF_TWO_USERS: Advice = {
  username: [['orders', 'usernames names both users. Remove username.', undefined]],
  usernames: [
    [undefined, 'Missing. With alternating-users, write the two users that take turns', ['a', 'b']],
    ['a', '"a" Write the two users', ['a', 'b']],
    [['a'], '["a"] Write the two users', ['a', 'b']],
    [['a', 'b', 'c'], '["a","b","c"] Write the two users', ['a', 'b']],
    [['a', '1st'], '[1]: "1st" A cluster user starts with a letter', ['a', 'b']],
    [['a', 'a'], 'They must differ.', ['a', 'b']],
  ],
};

const inRegion = (region: string, arn: string) => (): unknown =>
  parseConfiguration(`secrets: [{arn: "${arn}a-Ab12Cd"}]`, 'rotation.yaml', { account: '123456789012', region });

export const REFUSED_FILES: readonly Refusal[] = [
  ...keys({ secrets: ONE_SECRET }, [], OF_FILE),
  ...keys({ function: FOLDER, secrets: IN_FOLDER }, [], OF_FLEET),
  ...keys({ function: FOLDER, secrets: IN_FOLDER }, ['function'], OF_FUNCTION),
  ...keys({ function: { vpc: VPC }, secrets: ONE_SECRET }, ['function', 'vpc'], OF_VPC),
  ...keys(
    { function: { vpc: { ...VPC, privateLink: LINK } }, secrets: ONE_SECRET },
    ['function', 'vpc', 'privateLink'],
    OF_LINK,
  ),
  ...keys({ secrets: ONE_SECRET, defaults: {} }, ['defaults'], OF_DEFAULTS),
  ...keys({ secrets: ONE_SECRET, monitoring: {} }, ['monitoring'], OF_MONITORING),
  ...keys({ secrets: ONE_SECRET }, ['secrets', 0], OF_EXISTING_SECRET),
  ...keys({ secrets: [NEW] }, ['secrets', 0], OF_NEW_SECRET),
  ...keys({ secrets: [TWO] }, ['secrets', 0], OF_TWO_USERS),
  files(
    'function.adminSecretKmsKeyArn',
    'This key has no effect without function.adminSecretArn.',
    { function: { adminSecretKmsKeyArn: KEY_ARN }, secrets: ONE_SECRET },
    { function: { adminSecretKmsKeyArn: KEY_ARN, adminSecretArn: `${SECRET_ARN}admin-Ab12Cd` }, secrets: ONE_SECRET },
  ),
  files(
    'function.adminSecretArn',
    'or another prefix.',
    { function: { ...FOLDER, adminSecretArn: `${SECRET_ARN}milvus/admin-Ab12Cd` }, secrets: IN_FOLDER },
    {
      function: { secretNamePrefix: 'milvus/apps/', adminSecretArn: `${SECRET_ARN}milvus/admin-Ab12Cd` },
      secrets: [{ name: 'milvus/apps/orders' }],
    },
  ),
  ...[{ name: 'admin' }, { ...NEW, create: 'admin' }, { arn: `${SECRET_ARN}admin-Ab12Cd` }].map((admin) =>
    files(
      'function.adminSecretArn',
      'secrets[1] is this secret, too.',
      { function: { adminSecretArn: `${SECRET_ARN}admin-Ab12Cd` }, secrets: [{ name: 'orders' }, admin] },
      { function: { adminSecretArn: `${SECRET_ARN}other-Ab12Cd` }, secrets: [{ name: 'orders' }, admin] },
      { function: { adminSecretArn: `${SECRET_ARN}admin-Ab12Cd` }, secrets: ONE_SECRET },
      {
        function: { adminSecretArn: `${SECRET_ARN}admin-Ab12Cd` },
        secrets: [{ arn: `${SECRET_ARN.replace('123456789012', '444455556666')}admin-Ab12Cd` }],
      },
    ),
  ),
  files(
    'function.passwordExcludeCharacters',
    'bits of entropy',
    {
      function: {
        passwordLength: 8,
        passwordExcludeCharacters: 'ABCDEFGHIJKLMNOPQRSTUVWXYbcdefghijklmnopqrstuvwxyz12345678',
      },
      secrets: ONE_SECRET,
    },
    {
      function: {
        passwordLength: 64,
        passwordExcludeCharacters: 'ABCDEFGHIJKLMNOPQRSTUVWXYbcdefghijklmnopqrstuvwxyz12345678',
      },
      secrets: ONE_SECRET,
    },
  ),
  files(
    'function.clusterEndpoint',
    'milvus.example.com is not an allowed endpoint',
    { function: { clusterEndpoint: 'https://milvus.example.com' }, secrets: ONE_SECRET },
    {
      function: { clusterEndpoint: 'https://milvus.example.com', allowedEndpoints: ['milvus.example.com'] },
      secrets: ONE_SECRET,
    },
    { function: { clusterEndpoint: 'https://a.example.com', allowedEndpoints: ['.example.com'] }, secrets: ONE_SECRET },
  ),
  files(
    'function.clusterEndpoint',
    'would carry passwords in plain text',
    { function: { clusterEndpoint: 'http://in01.zillizcloud.com' }, secrets: ONE_SECRET },
    { function: { clusterEndpoint: 'http://in01.zillizcloud.com', allowPlaintext: true }, secrets: ONE_SECRET },
  ),
  files(
    'secrets[0].endpoint',
    'is not an allowed endpoint',
    { function: { allowedEndpoints: ['.example.com'] }, secrets: [NEW] },
    { function: { allowedEndpoints: ['.example.com'] }, secrets: [{ ...NEW, endpoint: 'https://a.example.com' }] },
  ),
  entry(
    'spreadHours',
    '4 Write a cron schedule with one hour',
    { name: 'orders', schedule: 'rate(30 days)', spreadHours: 4 },
    { name: 'orders', schedule: 'cron(0 3 ? * SUN *)', spreadHours: 4 },
  ),
  entry('spreadHours', 'cannot be spread', { name: 'orders', schedule: 'cron(0 */8 * * ? *)', spreadHours: 4 }, NEW),
  entry(
    'spreadHours',
    '6 The last window would end after the UTC day.',
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', spreadHours: 6, duration: '2h' },
    { name: 'orders', schedule: 'cron(0 10 1 * ? *)', spreadHours: 6, duration: '2h' },
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', spreadHours: 2, duration: '2h' },
    { name: 'orders', schedule: 'cron(0 17 1 * ? *)', spreadHours: 6, duration: '1h' },
  ),
  entry(
    'duration',
    '"6h" The window must end before the next window',
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', duration: '6h' },
    { name: 'orders', schedule: 'cron(0 20 1 * ? *)', duration: '4h' },
  ),
  files(
    'secrets[0].duration',
    '"6h" The window must end before the next window',
    { defaults: { schedule: 'cron(0 20 1 * ? *)' }, secrets: [{ name: 'orders', duration: '6h' }] },
    { defaults: { schedule: 'cron(0 20 1 * ? *)' }, secrets: [{ name: 'orders', duration: '4h' }] },
  ),
  files(
    'secrets',
    'The file has 191 secrets, and one stack takes 190. Write stacks: 8',
    { secrets: numbered(191) },
    { function: FOLDER, stacks: 8, secrets: numbered(191) },
  ),
  files(
    'stacks',
    'Secrets in several stacks need function.secretNamePrefix',
    { stacks: 2, secrets: IN_FOLDER },
    { stacks: 2, function: FOLDER, secrets: IN_FOLDER },
  ),
  files(
    'function.adminSecretArn',
    'With stacks, the function pins no secret to its endpoint and user, and it uses an admin secret only for pinned secrets.',
    { stacks: 2, function: { ...FOLDER, adminSecretArn: `${SECRET_ARN}ops/admin-Ab12Cd` }, secrets: IN_FOLDER },
    { stacks: 2, function: FOLDER, secrets: IN_FOLDER },
    { function: { ...FOLDER, adminSecretArn: `${SECRET_ARN}ops/admin-Ab12Cd` }, secrets: IN_FOLDER },
  ),
  files(
    'secrets[0].name',
    '"orders" The function may rotate only secrets whose name starts with milvus/',
    { function: FOLDER, secrets: [{ name: 'orders' }] },
    { function: FOLDER, secrets: IN_FOLDER },
  ),
  files(
    'function.secretKmsKeyArns',
    'These keys have no effect without function.secretNamePrefix. Write that key too',
    { function: { secretKmsKeyArns: [KEY_ARN] }, secrets: ONE_SECRET },
    { function: { ...FOLDER, secretKmsKeyArns: [KEY_ARN] }, secrets: IN_FOLDER },
    { secrets: [{ name: 'orders', kmsKeyArn: KEY_ARN }] },
  ),
  files(
    'secrets[0].endpoint',
    'With stacks, an existing secret must contain this itself',
    { stacks: 2, function: FOLDER, secrets: [{ name: 'milvus/orders', endpoint: ENDPOINT }] },
    { stacks: 2, function: FOLDER, secrets: [{ ...NEW, create: 'milvus/orders' }] },
  ),
  files(
    'secrets[0].username',
    'Write it in the value of the secret, or an endpoint in the tag zilliz:endpoint',
    { stacks: 2, function: FOLDER, secrets: [{ arn: `${SECRET_ARN}milvus/orders-Ab12Cd`, username: 'orders' }] },
    { stacks: 2, function: FOLDER, secrets: [{ arn: `${SECRET_ARN}milvus/orders-Ab12Cd` }] },
  ),
  files(
    'secrets[0].kmsKeyArn',
    'With stacks, the function must know the key before the secret exists.',
    { stacks: 2, function: FOLDER, secrets: [{ name: 'milvus/orders', kmsKeyArn: KEY_ARN }] },
    {
      stacks: 2,
      function: { ...FOLDER, secretKmsKeyArns: [KEY_ARN] },
      secrets: [{ name: 'milvus/orders', kmsKeyArn: KEY_ARN }],
    },
    {
      stacks: 2,
      function: FOLDER,
      defaults: { kmsKeyArn: KEY_ARN },
      secrets: [{ name: 'milvus/orders', kmsKeyArn: KEY_ARN }],
    },
  ),
  files(
    'function.strategy',
    'With stacks, the function pins no secret to its two users',
    { stacks: 2, function: { ...FOLDER, strategy: 'alternating-users' }, secrets: IN_FOLDER },
    { stacks: 2, function: { ...FOLDER, strategy: 'single-user' }, secrets: IN_FOLDER },
    { function: { ...FOLDER, strategy: 'alternating-users' }, secrets: [{ ...TWO, create: 'milvus/orders' }] },
  ),
  files(
    'secrets[0].strategy',
    'With stacks, the function pins no secret to its two users',
    { stacks: 2, function: FOLDER, secrets: [{ ...TWO, create: 'milvus/orders' }] },
    { stacks: 2, function: FOLDER, secrets: [{ ...NEW, create: 'milvus/orders', strategy: 'single-user' }] },
    { function: FOLDER, secrets: [{ ...TWO, create: 'milvus/orders' }] },
  ),
  files(
    'secrets[1].arn',
    'secrets[0] names the same secret. Write each secret once.',
    { secrets: [{ name: 'orders' }, { arn: `${SECRET_ARN}orders-Ab12Cd` }] },
    { secrets: [{ arn: `${SECRET_ARN}orders-Ab12Cd` }] },
  ),
  files(
    'secrets[1].name',
    'Move one of the two secrets to another file with its own stackName.',
    { secrets: [{ name: 'a/b' }, { name: 'a--b' }] },
    { stackName: 'other', secrets: [{ name: 'a--b' }] },
  ),
  ...[EASTERN_ARN, SECRET_ARN.replace('123456789012', '111122223333')].map((other) =>
    files(
      'secrets[2].arn',
      'secrets[1].arn is in account 123456789012, region us-west-2. A file is for one account and one region',
      { secrets: [...ONE_SECRET, { arn: `${SECRET_ARN}a-Ab12Cd` }, { arn: `${other}b-Ab12Cd` }] },
      { secrets: [...ONE_SECRET, { arn: `${SECRET_ARN}a-Ab12Cd` }, { arn: `${SECRET_ARN}b-Ab12Cd` }] },
      { secrets: [{ arn: `${other}b-Ab12Cd` }] },
    ),
  ),
  files(
    'function.logKmsKeyArn: "arn:aws:kms:us-east-2:',
    'A file is for one account and one region',
    { function: { logKmsKeyArn: KEY_ARN.replace('west', 'east') }, secrets: [{ arn: `${SECRET_ARN}a-Ab12Cd` }] },
    { function: { logKmsKeyArn: KEY_ARN.replace('west', 'east') }, secrets: ONE_SECRET },
    { function: { logKmsKeyArn: KEY_ARN }, secrets: [{ arn: `${SECRET_ARN}a-Ab12Cd` }] },
  ),
  entry(
    'usernames',
    'A single user is named by username.',
    { ...TWO, strategy: 'single-user' },
    { ...NEW, strategy: 'single-user' },
    TWO,
  ),
  entry(
    'endpoint',
    'Missing. With alternating-users, write the endpoint of the cluster that has both users',
    { name: 'orders', strategy: 'alternating-users', usernames: ['a', 'b'] },
    { name: 'orders', strategy: 'alternating-users', usernames: ['a', 'b'], endpoint: ENDPOINT },
  ),
  files(
    'secrets[1].username',
    'give the secret this endpoint here too',
    {
      function: { clusterEndpoint: ENDPOINT },
      secrets: [
        { name: 'a', username: 'u' },
        { name: 'b', username: 'u' },
      ],
    },
    {
      function: { clusterEndpoint: ENDPOINT },
      secrets: [
        { name: 'a', username: 'u' },
        { name: 'b', username: 'u', endpoint: ENDPOINT.replace('in01', 'in02') },
      ],
    },
    {
      function: { clusterEndpoint: ENDPOINT },
      secrets: [
        { name: 'a', username: 'u' },
        { name: 'b', username: 'v' },
      ],
    },
  ),
  files(
    'secrets[0].schedule',
    'two rotations can be only',
    { secrets: [{ ...TWO, schedule: 'rate(4 hours)', duration: '3h' }] },
    { secrets: [{ ...TWO, schedule: 'rate(8 hours)', duration: '3h' }] },
    { secrets: [{ ...TWO, schedule: 'rate(4 hours)', duration: '1h' }] },
    { function: { minimumGapMinutes: 60 }, secrets: [{ ...TWO, schedule: 'rate(4 hours)', duration: '3h' }] },
  ),
  {
    says: ['but this command is for account 123456789012, region us-east-2.'],
    wrong: inRegion('us-east-2', SECRET_ARN),
    fixed: [inRegion('us-west-2', SECRET_ARN), inRegion('us-east-2', EASTERN_ARN)],
  },
  {
    says: ['The configuration file /nowhere/rotation.yaml does not exist. Copy rotation.yaml from the package'],
    wrong: () => readConfiguration('/nowhere/rotation.yaml'),
    fixed: [() => readConfiguration(join(PROJECT, 'rotation.yaml'))],
  },
  {
    // A file descriptor.
    says: ['file: This is 0. Give the path of a configuration file'],
    wrong: () => readConfiguration(0 as never),
    fixed: [() => readConfiguration(join(PROJECT, 'rotation.yaml'))],
  },
];
