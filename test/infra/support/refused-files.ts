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
const ADMIN = `${SECRET_ARN}ops/admin-Ab12Cd`;
const LATE = 'cron(0 20 1 * ? *)';
const LAST_WINDOW = 'secrets[0].spreadHours: … The last window would end after the UTC day.';
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

/** The file with another value of a key, or without the key, as `cdk synth` reads it. */
function read(content: Keys, key: string, value: unknown): () => unknown {
  const path = key.split('.');
  return () => {
    const document = new Document(content, { aliasDuplicateObjects: false });
    if (value === undefined) {
      document.deleteIn(path);
    } else {
      document.setIn(path, value);
    }
    // Paths in the file are relative to the repository.
    return parseConfiguration(String(document), join(PROJECT, 'rotation.yaml'));
  };
}

/**
 * One refusal for each wrong value of a key. The message must report exactly one mistake, which
 * may name another key.
 */
function across(content: Keys, advice: Advice): Refusal[] {
  return Object.entries(advice).flatMap(([key, rows]) =>
    rows.map(([wrong, message, ...fixed]) => ({
      says: ['1 mistake in rotation.yaml; nothing was deployed.', ...message.split(' … ')],
      wrong: read(content, key, wrong),
      fixed: fixed.map((value) => read(content, key, value)),
    })),
  );
}

/** The same for keys below a path. The message must name the replaced key. */
function below(path: string, content: Keys, advice: Advice): Refusal[] {
  const place = path.replace('secrets.0', 'secrets[0]');
  return Object.entries(advice).flatMap(([key, rows]) =>
    across(content, {
      [`${path}${key}`]: rows.map(([wrong, message, ...fixed]) => [wrong, `  ${place}${key} … ${message}`, ...fixed]),
    }),
  );
}

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

const FEW_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYbcdefghijklmnopqrstuvwxyz12345678';

/** Mistakes that a change of another key corrects. */
const ACROSS_KEYS: readonly Refusal[] = [
  ...across(
    { function: { adminSecretKmsKeyArn: KEY_ARN }, secrets: ONE_SECRET },
    {
      'function.adminSecretArn': [
        [undefined, 'function.adminSecretKmsKeyArn: … This key has no effect without function.adminSecretArn.', ADMIN],
      ],
    },
  ),
  ...across(
    { function: { adminSecretArn: `${SECRET_ARN}milvus/admin-Ab12Cd` }, secrets: [{ name: 'milvus/apps/orders' }] },
    {
      'function.secretNamePrefix': [
        ['milvus/', 'function.adminSecretArn: … This secret is below milvus/ … or another prefix.', 'milvus/apps/'],
      ],
    },
  ),
  ...across(
    { function: { adminSecretArn: ADMIN }, secrets: ONE_SECRET },
    {
      secrets: [{ name: 'ops/admin' }, { ...NEW, create: 'ops/admin' }, { arn: ADMIN }].map((admin) => [
        [...ONE_SECRET, admin],
        'function.adminSecretArn: … secrets[1] is this secret, too.',
        ONE_SECRET,
        [{ arn: ADMIN.replace('123456789012', '444455556666') }],
      ]),
    },
  ),
  ...across(
    { secrets: [...ONE_SECRET, { name: 'ops/admin' }] },
    {
      'function.adminSecretArn': [
        [ADMIN, 'Write another admin secret, or remove the entry.', ADMIN.replace('admin', 'other')],
      ],
    },
  ),
  ...across(
    { function: { passwordExcludeCharacters: FEW_CHARACTERS }, secrets: ONE_SECRET },
    { 'function.passwordLength': [[8, 'function.passwordExcludeCharacters: … bits of entropy', 64]] },
  ),
  ...across(
    { function: { clusterEndpoint: 'https://milvus.example.com' }, secrets: ONE_SECRET },
    {
      'function.allowedEndpoints': [
        [
          undefined,
          'function.clusterEndpoint: … milvus.example.com is not an allowed endpoint',
          ['milvus.example.com'],
          ['.example.com'],
        ],
      ],
    },
  ),
  ...across(
    { function: { clusterEndpoint: 'http://in01.zillizcloud.com' }, secrets: ONE_SECRET },
    { 'function.allowPlaintext': [[false, 'function.clusterEndpoint: … would carry passwords in plain text', true]] },
  ),
  ...across(
    { function: { allowedEndpoints: ['.example.com'] }, secrets: [NEW] },
    {
      'secrets.0.endpoint': [[ENDPOINT, 'secrets[0].endpoint: … is not an allowed endpoint', 'https://a.example.com']],
    },
  ),
  ...across(
    { secrets: [{ name: 'orders', spreadHours: 4 }] },
    {
      'secrets.0.schedule': [
        ['rate(30 days)', 'secrets[0].spreadHours: 4 Write a cron schedule with one hour', 'cron(0 3 ? * SUN *)'],
        ['cron(0 */8 * * ? *)', 'secrets[0].spreadHours: 4 Write a cron schedule', 'cron(0 8 * * ? *)'],
      ],
    },
  ),
  ...across(
    { secrets: [{ name: 'orders', schedule: 'cron(0 17 1 * ? *)', spreadHours: 6, duration: '1h' }] },
    {
      'secrets.0.schedule': [['cron(0 20 1 * ? *)', LAST_WINDOW, 'cron(0 10 1 * ? *)']],
      'secrets.0.spreadHours': [[8, LAST_WINDOW, 2]],
      'secrets.0.duration': [['3h', LAST_WINDOW, '2h']],
    },
  ),
  ...[{ secrets: [{ name: 'orders', schedule: LATE }] }, { defaults: { schedule: LATE }, secrets: ONE_SECRET }].flatMap(
    (content) =>
      across(content, {
        'secrets.0.duration': [['6h', 'secrets[0].duration: "6h" The window must end before the next window', '4h']],
      }),
  ),
  ...across(
    { function: FOLDER, secrets: Array.from({ length: 191 }, (_, index) => ({ name: `milvus/s${index}` })) },
    { stacks: [[undefined, 'secrets: The file has 191 secrets, and one stack takes 190. Write stacks: 8', 8]] },
  ),
  ...across(
    { stacks: 2, secrets: IN_FOLDER },
    { function: [[{}, 'stacks: 2 Secrets in several stacks need function.secretNamePrefix', FOLDER]] },
  ),
  ...across(
    { function: { ...FOLDER, adminSecretArn: ADMIN }, secrets: IN_FOLDER },
    {
      stacks: [
        [2, 'function.adminSecretArn: … With stacks, the function pins no secret to its endpoint and user', undefined],
      ],
    },
  ),
  ...across(
    { function: FOLDER },
    {
      secrets: [
        [ONE_SECRET, 'secrets[0].name: "orders" The function may rotate only secrets whose name starts', IN_FOLDER],
      ],
    },
  ),
  ...across(
    { function: { secretKmsKeyArns: [KEY_ARN] }, secrets: IN_FOLDER },
    {
      'function.secretNamePrefix': [
        [
          undefined,
          'function.secretKmsKeyArns: These keys have no effect without function.secretNamePrefix.',
          'milvus/',
        ],
      ],
      function: [[{ secretKmsKeyArns: [KEY_ARN] }, 'or write kmsKeyArn in the entry of each secret.', {}]],
    },
  ),
  ...across(
    { stacks: 2, function: FOLDER, secrets: IN_FOLDER },
    {
      'secrets.0.endpoint': [[ENDPOINT, 'secrets[0].endpoint: … With stacks, an existing secret must', undefined]],
      'secrets.0.username': [['orders', 'secrets[0].username: … or an endpoint in the tag zilliz:endpoint', undefined]],
      'function.adminSecretArn': [[ADMIN, 'Remove this key, and reset a user with zilliz-rotation repair', undefined]],
      'function.strategy': [
        ['alternating-users', 'function.strategy: … pins no secret to its two users', 'single-user'],
      ],
    },
  ),
  ...across(
    { stacks: 2, function: FOLDER, secrets: [{ name: 'milvus/orders', kmsKeyArn: KEY_ARN }] },
    {
      'function.secretKmsKeyArns': [
        [undefined, 'secrets[0].kmsKeyArn: … the function must know the key before the secret exists.', [KEY_ARN]],
      ],
      'defaults.kmsKeyArn': [[`${KEY_ARN}2`, 'secrets[0].kmsKeyArn: … Add the key', KEY_ARN]],
    },
  ),
  ...across(
    { function: FOLDER, secrets: [{ ...TWO, create: 'milvus/orders' }] },
    { stacks: [[2, 'secrets[0].strategy: … With stacks, the function pins no secret to its two users', undefined]] },
  ),
  ...across(
    { secrets: [...ONE_SECRET, { arn: `${SECRET_ARN}a-Ab12Cd` }] },
    {
      'secrets.2': [
        [{ arn: `${SECRET_ARN}orders-Ab12Cd` }, 'secrets[2].arn: … secrets[0] names the same secret.', undefined],
        ...[EASTERN_ARN, SECRET_ARN.replace('123456789012', '111122223333')].map(
          (other) =>
            [
              { arn: `${other}b-Ab12Cd` },
              'secrets[2].arn: … but secrets[1].arn is in account 123456789012, region us-west-2. A file is for one account',
              { arn: `${SECRET_ARN}b-Ab12Cd` },
            ] as const,
        ),
      ],
    },
  ),
  ...across(
    { function: { logKmsKeyArn: KEY_ARN.replace('west', 'east') } },
    {
      secrets: [
        [
          [{ arn: `${SECRET_ARN}a-Ab12Cd` }],
          'function.logKmsKeyArn: "arn:aws:kms:us-east-2: … but secrets[0].arn is in account 123456789012',
          ONE_SECRET,
          [{ arn: `${EASTERN_ARN}a-Ab12Cd` }],
        ],
      ],
    },
  ),
  ...across(
    { secrets: [TWO] },
    {
      'secrets.0': [
        [{ ...TWO, strategy: 'single-user' }, 'secrets[0].usernames: … A single user is named by username.', NEW, TWO],
        [
          { name: 'orders', strategy: TWO.strategy, usernames: TWO.usernames },
          'secrets[0].endpoint: Missing. With alternating-users, write the endpoint of the cluster that has both users',
          { name: 'orders', strategy: TWO.strategy, usernames: TWO.usernames, endpoint: ENDPOINT },
        ],
        [
          { ...TWO, schedule: 'rate(4 hours)', duration: '3h' },
          'secrets[0].schedule: "rate(4 hours)" With this schedule, two rotations can be only',
          { ...TWO, schedule: 'rate(8 hours)', duration: '3h' },
          { ...TWO, schedule: 'rate(4 hours)', duration: '1h' },
        ],
      ],
    },
  ),
  ...across(
    { secrets: [{ ...TWO, schedule: 'rate(4 hours)', duration: '3h' }] },
    { 'function.minimumGapMinutes': [[61, 'or fewer minutes.', 60]] },
  ),
  ...across(
    { function: { clusterEndpoint: ENDPOINT }, secrets: [{ name: 'a', username: 'u' }] },
    {
      'secrets.1': [
        [
          { name: 'b', username: 'u' },
          'secrets[1].username: "u" secrets[0] has the same user … give the secret this endpoint here too',
          { name: 'b', username: 'u', endpoint: ENDPOINT.replace('in01', 'in02') },
          { name: 'b', username: 'v' },
        ],
      ],
    },
  ),
];

const inRegion = (region: string, arn: string) => (): unknown =>
  parseConfiguration(`secrets: [{arn: "${arn}a-Ab12Cd"}]`, 'rotation.yaml', { account: '123456789012', region });

export const REFUSED_FILES: readonly Refusal[] = [
  ...below('', { secrets: ONE_SECRET }, OF_FILE),
  ...below('', { function: FOLDER, secrets: IN_FOLDER }, OF_FLEET),
  ...below('function.', { function: FOLDER, secrets: IN_FOLDER }, OF_FUNCTION),
  ...below('function.vpc.', { function: { vpc: VPC }, secrets: ONE_SECRET }, OF_VPC),
  ...below(
    'function.vpc.privateLink.',
    { function: { vpc: { ...VPC, privateLink: LINK } }, secrets: ONE_SECRET },
    OF_LINK,
  ),
  ...below('defaults.', { secrets: ONE_SECRET }, OF_DEFAULTS),
  ...below('monitoring.', { secrets: ONE_SECRET }, OF_MONITORING),
  ...below('secrets.0.', { secrets: ONE_SECRET }, OF_EXISTING_SECRET),
  ...below('secrets.0.', { secrets: [NEW] }, OF_NEW_SECRET),
  ...below('secrets.0.', { secrets: [TWO] }, OF_TWO_USERS),
  ...ACROSS_KEYS,
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
