import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Aws, Duration, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { Document } from 'yaml';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { ClusterPrivateLink } from '../../infra/function/cluster-private-link.ts';
import type { RotationFunctionAttributes } from '../../infra/function/imported-rotation-function.ts';
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../infra/function/rotation-function-props.ts';
import { RotationAlarms, type RotationAlarmsProps } from '../../infra/monitoring/rotation-alarms.ts';
import { CredentialRotation } from '../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../infra/rotation/credential-rotation-props.ts';
import type { CrossAccountRotationProps } from '../../infra/rotation/cross-account-rotation.ts';
import { RotationSchedule } from '../../infra/rotation/rotation-schedule.ts';
import { RotationStack } from '../../infra/stack/rotation-stack.ts';
import { PROJECT } from '../../local/project.ts';
import type { Pins } from '../../protocol/secret/rotated-secrets.ts';
import { crossAccountRotation, deployedFunction, FUNCTION_ARN, OTHER_FUNCTION } from './support/constructs.ts';
import { appWithoutBundles, CERTIFICATE_AUTHORITY, ENDPOINT, KEY_ARN, vpcIn } from './support/templates.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:orders-Ab12Cd';
const ADMIN_ARN = SECRET_ARN.replace('orders', 'milvus-admin');
const MANAGER_ARN = SECRET_ARN.replace('orders', 'manager');
const TOPIC_ARN = 'arn:aws:sns:us-west-2:123456789012:oncall';
const { roleArn: ROLE_ARN } = OTHER_FUNCTION;
const eastern = (arn: string): string => arn.replace('us-west', 'us-east');
const foreign = (arn: string): string => arn.replace('123456789012', '444455556666');

type Keys = Readonly<Record<string, unknown>>;

/**
 * A wrong value of a key, the path that the message names if it is another one (the rest of it if
 * it begins with the key), the value or the words that are allowed, and values that are accepted.
 */
type Row = readonly [key: string, wrong: unknown, named: string, allowed: string, ...right: unknown[]];

const SUBNET = 'subnet-0123456789abcdef0';
const GROUP = 'sg-0123456789abcdef0';
const VPC = { vpcId: 'vpc-0123456789abcdef0', subnetIds: [SUBNET] };
const LINK = { serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0', endpoints: [ENDPOINT] };
const NEW = { create: 'orders', endpoint: ENDPOINT, username: 'orders' };
const USERS = { strategy: 'alternating-users', usernames: ['orders_a', 'orders_b'] };
const TWO = { create: 'orders', endpoint: ENDPOINT, ...USERS };
const KEYED = { endpoint: ENDPOINT, apiKeyId: 'key-1' };
const FOLDER = { secretNamePrefix: 'milvus/' };
const manySecrets = Array.from({ length: 191 }, (_, index) => ({ name: `milvus/s${index}` }));

const CONTENTS = {
  name: { secrets: [{ name: 'orders' }] },
  create: { secrets: [NEW] },
  two: { secrets: [TWO] },
  key: { function: { managerSecretArn: MANAGER_ARN }, secrets: [{ name: 'orders', ...KEYED }] },
  vpc: { function: { vpc: { ...VPC, privateLink: LINK } }, secrets: [{ name: 'orders' }] },
  outside: { secrets: [{ name: 'orders', endpoint: 'https://in03.zillizcloud.com' }] },
  nat: {
    function: { vpc: { ...VPC, privateLink: { ...LINK, secretsManagerEndpoint: false } } },
    secrets: [{ name: 'orders' }],
  },
  folder: { function: FOLDER, secrets: [{ name: 'milvus/orders' }] },
  stacks: { stacks: 2, function: FOLDER, secrets: [{ name: 'milvus/orders' }] },
  many: { stacks: 2, function: FOLDER, secrets: manySecrets },
} satisfies Record<string, Keys>;

const FILES: Readonly<Record<keyof typeof CONTENTS, readonly Row[]>> = {
  name: [
    ['stackName', '1st', '', 'starts with a letter', 'first'],
    ['secret', [], '', 'Allowed: stackName, function, defaults, secrets', undefined],
    ['secrets', [], '', 'at least one secret', [NEW]],
    ['secrets', [{ user: 'a' }], '[0]', 'exactly one of create, name and arn', [NEW], [{ arn: SECRET_ARN }]],
    ['secrets', [{ ...NEW, name: 'a' }], '[0]', 'This entry has create and name', [NEW]],
    ['secrets', [{ arn: SECRET_ARN.slice(0, -7) }], '[0].arn', 'six characters', [{ arn: SECRET_ARN }]],
    ['secrets', [{ name: 'a/b' }, { name: 'a--b' }], '[1].name', 'once', [{ name: 'a/b' }, { name: 'a-b' }]],
    ['secrets', [{ name: 'orders' }, { arn: SECRET_ARN }], '[1].arn', 'once', [{ arn: SECRET_ARN }]],
    ['tags', { team: 1 }, '.team', 'a string', { team: '' }],
    ['tags', { 'aws:team': 'search' }, '.aws:team', 'start with aws:', { 'my:team': 'search' }],
    ['monitoring.topicArn', 'oncall', '', 'arn:aws:sns:REGION:ACCOUNT:NAME', TOPIC_ARN],
    ['monitoring.email', 'oncall', '', 'oncall@example.com', 'oncall@example.com'],
    ['monitoring.maxAgeDays', 0, '', '1 to 1000', 1],
    ['function.memory', 512, '', 'memorySize', undefined],
    ['function.allowedEndpoints', ['https://a.example.com'], '[0]', 'a host', ['a.example.com']],
    ['function.allowedEndpoints', [], '', 'Write a host', ['.example.com'], undefined],
    ['function.clusterEndpoint', 'milvus', '', 'https://host[:port]', ENDPOINT],
    ['function.clusterEndpoint', 'https://milvus.example.com', '', 'Allowed: .zillizcloud.com', ENDPOINT],
    ['function.clusterEndpoint', 'http://in01.zillizcloud.com', '', 'Use https://', 'https://in01.zillizcloud.com'],
    ['function.transport', 'http', '', 'grpc or rest', 'rest'],
    ['function.allowPlaintext', 'yes', '', 'true or false', true],
    ['function.passwordLength', 65, '', '8 to 64', 64],
    ['function.passwordExcludeCharacters', 1234, '', 'in quotes', '1234'],
    ['function.strategy', 'two', '', 'single-user or alternating-users', 'single-user'],
    ['function.memorySize', 64, '', '128 to 10240', 128],
    ['function.timeout', 10, '', '30 to 900', 30],
    ['function.permissionsBoundaryArn', 'limit', '', 'policy/NAME', 'arn:aws:iam::123456789012:policy/limit'],
    ['function.logRetentionDays', 31, '', '1, 3, 5, 7, 14, 30, 60', 30],
    ['function.logRemovalPolicy', 'delete', '', 'retain or destroy', 'destroy'],
    ['function.adminSecretArn', 'admin', '', 'arn:aws:secretsmanager:REGION', ADMIN_ARN],
    ['function.adminSecretKmsKeyArn', KEY_ARN, '', 'function.adminSecretArn', undefined],
    ['function.managerSecretArn', 'manager', '', 'arn:aws:secretsmanager:REGION', MANAGER_ARN],
    ['function.managerSecretKmsKeyArn', KEY_ARN, '', 'function.managerSecretArn', undefined],
    ['function.controlPlaneUrl', 'http://a.com', '', 'https://HOST', 'https://a.com'],
    ['function.controlPlaneSuccessCodes', 0, '', 'whole numbers', [0, 200]],
    ['function.controlPlanePath', 'keys', '', 'api-keys or apiKeys', 'apiKeys'],
    ['function.secretKmsKeyArns', [KEY_ARN], '', 'function.secretNamePrefix', undefined],
    ['secrets.0.name', 'a b', '', '/_+=.@-', 'a-b'],
    ['secrets.0.username', '1st', '', 'starts with a letter', 'orders.read-only'],
    ['secrets.0.endpoint', 'https://a.example.com', '', 'Allowed: .zillizcloud.com', ENDPOINT],
    ['secrets.0.removalPolicy', 'destroy', '', 'Allowed: name, endpoint, username', undefined],
    ['secrets.0.kmsKeyArn', 'alias/mine', '', 'arn:aws:kms:REGION:ACCOUNT:key/ID', KEY_ARN],
    ['secrets.0.schedule', 'monthly', '', 'rate(N days)', 'rate(4 hours)', 'cron(0 4 1 * ? *)'],
    ['secrets.0.duration', '30h', '', '1h to 24h', '24h'],
    ['secrets.0', { name: 'a', schedule: 'cron(0 20 1 * ? *)', duration: '6h' }, '.duration', '4h', NEW],
    ['defaults', { schedule: 'cron(0 20 1 * ? *)', duration: '6h' }, '.duration', '4h', { duration: '6h' }],
    ['defaults', { spreadHours: 4 }, '.spreadHours', 'cron(0 3', { schedule: 'cron(0 3 1 * ? *)', spreadHours: 4 }],
    [
      'defaults',
      { schedule: 'cron(0 20 1 * ? *)', spreadHours: 6 },
      '.spreadHours',
      'an earlier hour',
      { schedule: 'cron(0 17 1 * ? *)', spreadHours: 6 },
    ],
  ],
  create: [
    ['secrets.0.create', 'orders-abcdef', '', 'must not end in a hyphen and six', 'orders-abcde'],
    ['secrets.0.endpoint', undefined, '', 'https://host[:port]', ENDPOINT],
    ['secrets.0.username', undefined, '', 'starts with a letter', 'orders'],
    ['secrets.0.replicaRegions', ['Ireland'], '[0]', 'eu-west-1', ['eu-west-1'], ['eusc-de-east-1']],
    ['secrets.0.replicaRegions', ['eu-west-1', 'eu-west-1'], '[1]', 'once', ['eu-west-1']],
    ['function.allowedEndpoints', ['.example.com'], 'secrets[0].endpoint', 'Allowed: .example.com', undefined],
  ],
  two: [
    ['secrets.0.username', 'orders', '', 'Remove username', undefined],
    ['secrets.0.usernames', undefined, '', '[orders_a, orders_b]', ['a', 'b']],
    ['secrets.0.usernames', ['a', 'a'], '', 'must differ', ['a', 'b']],
    ['secrets.0.usernames', ['a', '1st'], '[1]', 'starts with a letter', ['a', 'b']],
    ['secrets.0.strategy', 'single-user', 'secrets[0].usernames', 'alternating-users', USERS.strategy, undefined],
    ['secrets.0', { name: 'a', ...USERS }, '.endpoint', 'both users', { name: 'a', endpoint: ENDPOINT, ...USERS }],
    ['secrets.0.schedule', 'rate(1 day)', '', 'only 0 minutes apart', 'rate(2 days)'],
    ['defaults.schedule', 'rate(1 day)', '', 'is 120', 'rate(2 days)'],
    ['function.minimumGapMinutes', 50_000, 'secrets[0].schedule', 'is 50000', 41_760],
  ],
  key: [
    ['function', {}, 'secrets[0].apiKeyId', 'function.managerSecretArn', { managerSecretArn: MANAGER_ARN }],
    ['secrets.0.apiKeyId', 'orders:Hunter2!', '', 'Never write the key', 'key-0123456789abcd'],
    ['secrets.0.strategy', 'single-user', 'secrets[0].apiKeyId', 'api-key', 'api-key'],
    ['secrets.0.endpoint', undefined, '', 'endpoint of the cluster', ENDPOINT],
    ['secrets.0.username', 'orders', '', 'has no user', undefined],
    ['secrets.0.usernames', USERS.usernames, '', 'has no user', undefined],
    ['secrets.0', { name: 'a', endpoint: ENDPOINT, strategy: 'api-key' }, '.apiKeyId', 'the id', NEW],
    ['secrets.0', { create: 'a', ...KEYED }, '.apiKeyId', 'zilliz-rotation init', { name: 'a', ...KEYED }],
  ],
  vpc: [
    ['function.vpc.vpcId', 'mine', '', VPC.vpcId, VPC.vpcId],
    ['function.vpc.subnetIds', [], '', 'at least one subnet', [SUBNET]],
    ['function.vpc.subnetIds', [SUBNET, SUBNET], '[1]', 'once', [SUBNET]],
    ['function.vpc.securityGroupIds', [], '', 'or remove the key', [GROUP], undefined],
    [
      'function.vpc.privateLink.serviceName',
      'vpce-svc-0',
      '',
      'com.amazonaws.vpce.REGION',
      LINK.serviceName,
      'cn.com.amazonaws.vpce.cn-northwest-1.vpce-svc-0123456789abcdef0',
    ],
    [
      'function.vpc.privateLink.endpoints',
      ['https://milvus.example.com'],
      '[0]',
      'Allowed: .zillizcloud.com',
      [ENDPOINT],
    ],
    ['function.vpc.privateLink.clientSecurityGroupIds', GROUP, '', 'list of security groups', [GROUP], []],
  ],
  outside: [
    [
      'function.vpc',
      { ...VPC, privateLink: LINK },
      'secrets[0].endpoint',
      'function.vpc.privateLink.endpoints',
      VPC,
      { ...VPC, privateLink: { ...LINK, endpoints: [ENDPOINT, 'https://in03.zillizcloud.com:443'] } },
      { ...VPC, privateLink: LINK, securityGroupIds: [GROUP] },
      { ...VPC, privateLink: { ...LINK, secretsManagerEndpoint: false } },
    ],
  ],
  nat: [
    [
      'secrets.0.endpoint',
      'https://in03.zillizcloud.com:19530',
      '',
      'Otherwise write function.vpc.securityGroupIds',
      ENDPOINT,
      'https://in03.zillizcloud.com:443',
    ],
  ],
  folder: [
    ['function.secretNamePrefix', 'milvus', '', 'ends in a slash', 'milvus/', undefined],
    ['secrets.0.name', 'orders', '', 'starts with milvus/', 'milvus/orders'],
    ['function.secretKmsKeyArns', ['alias/mine'], '[0]', 'key/ID', [KEY_ARN]],
  ],
  stacks: [
    ['stacks', 1, '', '2 to 200', 2, undefined],
    ['function', {}, 'stacks', 'function.secretNamePrefix', FOLDER],
    ['secrets.0.kmsKeyArn', KEY_ARN, '', 'function.secretKmsKeyArns', undefined],
  ],
  many: [['stacks', undefined, 'secrets', 'stacks: 8', 2]],
};

/** The file with another value of a key, or without the key. */
function read(content: Keys, key: string, value: unknown): void {
  const document = new Document(content, { aliasDuplicateObjects: false });
  const path = key.split('.');
  if (value !== undefined) {
    document.setIn(path, value);
  } else if (document.hasIn(path)) {
    document.deleteIn(path);
  }
  parseConfiguration(String(document), join(PROJECT, 'rotation.yaml'));
}

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe.each(Object.keys(CONTENTS) as (keyof typeof CONTENTS)[])('in the file "%s"', (content) => {
  test.for(FILES[content])('%s: %j is the only problem', ([key, wrong, named, allowed, ...right]) => {
    const path = (/^[[.]/.test(named) ? key + named : named || key).replace('secrets.0', 'secrets[0]');
    const message = messageOf(() => read(CONTENTS[content], key, wrong));
    expect(message).toMatch(/^1 problem .*\n {2}rotation\.yaml:\d+:\d+ {2}/);
    expect(message.split('  ').at(-1)).toContain(`${path}: `);
    expect(message).toContain(allowed);
    for (const value of right) {
      expect(messageOf(() => read(CONTENTS[content], key, value))).toBe('accepted');
    }
  });
});

type Build = (stack: Stack) => unknown;

/**
 * The construct and prop that the message names, what is allowed, a wrong app, and right apps at a
 * limit. Other tests build right apps.
 */
type PropRow = readonly [named: string, allowed: string, wrong: Build, ...right: Build[]];

const env = { account: '123456789012', region: 'us-west-2' };
/** A value that only the deployment knows. */
const UNKNOWN = Aws.STACK_NAME;
const USER = { endpoint: ENDPOINT, username: 'orders' };
const PAIR = { endpoint: ENDPOINT, strategy: 'alternating-users', usernames: ['a', 'b'] } as const;

/** Props that need a construct of the stack. */
type More<Props> = (stack: Stack) => Partial<Props>;

const fn = (props: RotationFunctionProps, more?: More<RotationFunctionProps>) => (stack: Stack) =>
  new RotationFunction(stack, 'F', { ...props, ...more?.(stack) });
const rotation = (props: CredentialRotationProps, more?: More<CredentialRotationProps>) => (stack: Stack) =>
  new CredentialRotation(stack, 'R', { ...props, ...more?.(stack) });
const byName = (stack: Stack, name: string) => Secret.fromSecretNameV2(stack, name.replaceAll(/\W/g, '-'), name);
const existing = (stack: Stack, arn = SECRET_ARN) => Secret.fromSecretCompleteArn(stack, `S-${arn.slice(-20)}`, arn);
const key = (stack: Stack, arn = KEY_ARN) => Key.fromKeyArn(stack, `Key-${arn.slice(12, 19)}`, arn);
const alias = (stack: Stack) => Alias.fromAliasName(stack, 'Alias', 'alias/mine');
const withFolder = (stack: Stack) => new RotationFunction(stack, 'Folder', FOLDER);
const elsewhere = (stack: Stack) => fn({})(new Stack(stack.node.root, 'Function', { env }));
const pinned = (pins: Pins) => (stack: Stack) => fn({})(stack).pin(stack, existing(stack), pins);
const imported = (props: Partial<RotationFunctionAttributes>) => (stack: Stack) => deployedFunction(stack, props);
const cross = (props: Partial<CrossAccountRotationProps>, more?: More<CrossAccountRotationProps>) => (stack: Stack) =>
  crossAccountRotation(stack, 'X', { ...props, ...more?.(stack) });
const alarms = (props: Partial<RotationAlarmsProps>, more?: More<RotationAlarmsProps>) => (stack: Stack) =>
  new RotationAlarms(stack, 'A', { rotationFunction: withFolder(stack), ...props, ...more?.(stack) });
const link = (endpoint: string) => (stack: Stack) =>
  new ClusterPrivateLink(stack, 'L', { ...LINK, vpc: vpcIn(stack), endpoints: [endpoint] });
const twoFunctions = (id: string) => (stack: Stack) => {
  const secret = existing(stack);
  for (const rotationFunction of [
    new RotationFunction(new Construct(stack, 'F'), 'B'),
    new RotationFunction(stack, id),
  ]) {
    rotationFunction.pin(stack, secret, { username: 'orders' });
  }
};
const configured = (content: Keys) => (stack: Stack) =>
  new RotationStack(stack.node.root, 'Configured', {
    configuration: parseConfiguration(JSON.stringify(content), 'rotation.yaml'),
  });
const serverCertificate = readFileSync(new URL('fixtures/server-certificate.pem', import.meta.url), 'utf8');
const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const withRole = (props: RotationFunctionProps) =>
  fn(props, (stack) => ({ role: Role.fromRoleArn(stack, 'Own', ROLE_ARN.replace('444455556666', env.account)) }));
const permissionsBoundary = ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess');
const keyRotation = (stack: Stack, props: RotationFunctionProps, arn = SECRET_ARN) => {
  const secret = existing(new Stack(stack, 'Keys', { env }), arn);
  return rotation({ ...KEYED, secret, rotationFunction: fn(props)(stack) })(stack);
};

const withKey = (stack: Stack, encryptionKey: Key) =>
  rotation({ encryptionKey, secret: existing(stack), rotationFunction: elsewhere(stack) })(stack);

/** Secrets with names of 40 characters, which fill the environment of a function. */
const named =
  (count: number, props: RotationFunctionProps = {}) =>
  (stack: Stack) => {
    const rotationFunction = new RotationFunction(stack, 'F', props);
    for (let index = 0; index < count; index++) {
      const secret = byName(stack, `milvus/${String(index).padStart(33, 'a')}`);
      new CredentialRotation(stack, `R${index}`, { rotationFunction, secret });
    }
  };

const PROPS: readonly PropRow[] = [
  ['F/Function', 'set secretNamePrefix', named(85), named(80), named(85, FOLDER)],
  ['F: clusterEndpoint', 'Allowed: .zilliz', fn({ clusterEndpoint: 'https://a.com' })],
  [
    'F: clusterEndpoint',
    'https://host[:port]',
    fn({ allowedEndpoints: [UNKNOWN], clusterEndpoint: 'milvus.example.com' }),
    fn({ allowedEndpoints: [UNKNOWN], clusterEndpoint: 'https://milvus.example.com' }),
  ],
  ['F: certificateAuthority', 'BEGIN CERTIFICATE', fn({ certificateAuthority: 'ca.pem' })],
  ['F: certificateAuthority', 'the authority', fn({ certificateAuthority: serverCertificate })],
  ['F: certificateAuthority', 'only', fn({ certificateAuthority: `${CERTIFICATE_AUTHORITY}${String(privateKey)}` })],
  ['F: passwordLength', '8 to 64', fn({ passwordLength: 7 }), fn({ passwordLength: 8 })],
  ['F: passwordExcludeCharacters', 'digit', fn({ passwordExcludeCharacters: '0123456789' })],
  ['F: timeout', '30 to 900', fn({ timeout: Duration.seconds(3) }), fn({ timeout: Duration.minutes(15) })],
  ['F: secretAccounts[0]', '12 digits', fn({ secretAccounts: ['1'] })],
  ['F: secretAccounts', 'another RotationFunction', fn({ ...FOLDER, secretAccounts: ['111122223333'] })],
  ['F: permissionsBoundary', 'new role', withRole({ permissionsBoundary }), withRole({})],
  [
    'F: environment.PASSWORD_LENGTH',
    'props',
    fn({ environment: { PASSWORD_LENGTH: '8' } }),
    fn({ environment: { A: 'b' } }),
  ],
  ['F: environment.SECRET_TARGETS', 'props', fn({ environment: { SECRET_TARGETS: '{}' } })],
  [
    'F: secretNamePrefix: zilliz-rotation-pins/ covers',
    'only the rotated',
    fn({ secretNamePrefix: 'zilliz-rotation-pins/' }),
  ],
  ['R: endpoint', 'text', rotation({ ...USER, endpoint: UNKNOWN })],
  ['R: username', 'text', rotation({ ...USER, username: UNKNOWN })],
  ['F: secretNamePrefix: It is unknown', 'milvus/', fn({ secretNamePrefix: `${UNKNOWN}/` })],
  [
    'F: secretKeys: ',
    'encryptionKey',
    fn({}, (stack) => ({ secretKeys: [key(stack)] })),
    fn(FOLDER, (stack) => ({ secretKeys: [key(stack)] })),
    rotation(USER, (stack) => ({ encryptionKey: key(stack) })),
  ],
  ['F: secretKeys[0]', 'region us-west-2', fn(FOLDER, (stack) => ({ secretKeys: [key(stack, eastern(KEY_ARN))] }))],
  ['The target key of alias/mine', 'key/ID', fn(FOLDER, (stack) => ({ secretKeys: [alias(stack)] }))],
  ['F: adminSecret', 'region us-west-2', fn({}, (stack) => ({ adminSecret: existing(stack, eastern(ADMIN_ARN)) }))],
  [
    'F: The admin secret milvus/admin is below',
    'another prefix',
    fn(FOLDER, (stack) => ({ adminSecret: byName(stack, 'milvus/admin') })),
    fn(FOLDER, (stack) => ({ adminSecret: byName(stack, 'ops/admin') })),
  ],
  [
    'F: The admin secret orders cannot be',
    'another RotationFunction',
    (stack) => fn({ adminSecret: existing(stack) })(stack).allowRotationOf(existing(new Stack(stack, 'Same', { env }))),
  ],
  ['F: managerSecret', 'region us-', fn({}, (stack) => ({ managerSecret: existing(stack, eastern(MANAGER_ARN)) }))],
  [
    'F: The manager secret milvus/manager is below',
    'another prefix',
    fn(FOLDER, (stack) => ({ managerSecret: byName(stack, 'milvus/manager') })),
  ],
  [
    'F: The manager secret manager cannot be one of the rotated',
    'another RotationFunction',
    (stack) => keyRotation(stack, { managerSecret: existing(stack, MANAGER_ARN) }, MANAGER_ARN),
  ],
  ['R: apiKeyId', 'managerSecret', (stack) => keyRotation(stack, {})],
  ['R: apiKeyId', 'name the secret', rotation(KEYED)],
  ['F: pinSecrets', '1 to 100', fn({ pinSecrets: 0 }), fn({ pinSecrets: 1 })],
  [
    'the name of this secret is unknown',
    'secretName',
    rotation({}, (stack) => ({
      secret: byName(stack, UNKNOWN),
      rotationFunction: fn({ pinSecrets: 2 })(stack),
    })),
  ],
  ['Test: username', 'starts with a letter', pinned({ username: 'orders:Hunter2!' }), pinned({ username: 'orders' })],
  ['Test: usernames', 'must differ', pinned({ endpoint: ENDPOINT, usernames: ['a', 'a'] })],
  ['R: The props name no existing secret', 'endpoint and username', rotation({ username: 'a' })],
  ['R: endpoint', 'Allowed: .zilliz', rotation({ ...USER, endpoint: 'https://a.com' })],
  ['R: username', 'starts with a letter', rotation({ ...USER, username: 'orders:Hunter2!' })],
  ['R: usernames', 'alternating-users', rotation({ ...PAIR, strategy: 'single-user' })],
  [
    'R: schedule',
    'only 0 minutes',
    rotation({ ...PAIR, schedule: RotationSchedule.expression('rate(1 day)') }),
    rotation({ ...PAIR, schedule: RotationSchedule.expression('rate(2 days)') }),
  ],
  [
    'R: schedule: "rate(2 hours)"',
    'RotationSchedule.rate',
    rotation({ ...USER, schedule: { expression: 'rate(2 hours)', duration: undefined } }),
    rotation({ ...USER, schedule: { expression: 'rate(4 hours)', duration: undefined } }),
  ],
  [
    'R: secret cannot be given together with secretName',
    'omit',
    rotation({ secretName: 'orders' }, (stack) => ({ secret: existing(stack) })),
  ],
  [
    'R: rotationFunction cannot be given together with memorySize',
    'new RotationFunction',
    rotation({ ...USER, memorySize: 1024 }, (stack) => ({ rotationFunction: fn({})(stack) })),
  ],
  [
    'R: A secret without a fixed name',
    'begins with milvus/',
    rotation(USER, (stack) => ({ rotationFunction: withFolder(stack) })),
  ],
  [
    'R: The secret is in account 444455556666',
    'CrossAccountRotation',
    rotation({}, (stack) => ({ secret: existing(stack, foreign(SECRET_ARN)) })),
  ],
  ['R: secret', 'region us-west-2', rotation({}, (stack) => ({ secret: existing(stack, eastern(SECRET_ARN)) }))],
  ['R: encryptionKey', 'region us-', rotation(USER, (stack) => ({ encryptionKey: key(stack, eastern(KEY_ARN)) }))],
  [
    'R: The stack of the secret creates the key',
    'a third stack',
    (stack) => withKey(stack, new Key(stack, 'K')),
    (stack) => withKey(stack, new Key(new Stack(stack.node.root, 'Third', { env }), 'K')),
  ],
  [
    'rotates this secret already',
    'set env',
    (stack) => {
      // Without env, synth cannot tell whether the stacks are for one account.
      for (const region of [new Stack(stack.node.root, 'A'), new Stack(stack.node.root, 'B')]) {
        rotation({ secret: byName(region, 'orders') })(region);
      }
    },
  ],
  [
    'R: This stack creates the secret',
    'secretName',
    rotation(USER, (stack) => ({ rotationFunction: elsewhere(stack) })),
  ],
  [
    'only the deployment knows its name',
    'secretName',
    rotation(USER, (stack) => ({ rotationFunction: imported({})(stack) })),
  ],
  [
    'only the deployment knows its name',
    'as text',
    rotation(USER, (stack) => ({ secret: byName(stack, UNKNOWN), rotationFunction: imported(FOLDER)(stack) })),
    rotation({}, (stack) => ({ secret: byName(stack, UNKNOWN), rotationFunction: imported(FOLDER)(stack) })),
  ],
  ['D: functionArn', 'without version', imported({ functionArn: `${FUNCTION_ARN}:live` })],
  ['D: functionArn', 'region us-west-2', imported({ functionArn: eastern(FUNCTION_ARN) })],
  [
    'D: functionArn',
    'CrossAccountRotation',
    imported({ functionArn: foreign(FUNCTION_ARN) }),
    imported({ functionArn: UNKNOWN }),
    (stack) => imported({ functionArn: foreign(FUNCTION_ARN) })(new Stack(stack.node.root, 'Anywhere')),
  ],
  ['X: functionArn', 'CredentialRotation', cross({ functionArn: FUNCTION_ARN })],
  ['X: functionArn', 'region us-west-2', cross({ functionArn: eastern(foreign(FUNCTION_ARN)) })],
  [
    'X: roleArn',
    'account 444455556666',
    cross({ roleArn: ROLE_ARN.replace('4444', '1111') }),
    cross({ roleArn: UNKNOWN }),
    cross({ roleArn: UNKNOWN, functionArn: UNKNOWN }),
  ],
  ['X: The key policy', 'new Key(this', cross({}, (stack) => ({ encryptionKey: key(stack) }))],
  ['A: rotationFunction', 'of this app', alarms({}, (stack) => ({ rotationFunction: imported(FOLDER)(stack) }))],
  [
    'The alarms need at least one secret',
    'secretNamePrefix',
    alarms({}, (stack) => ({ rotationFunction: fn({})(stack) })),
  ],
  [
    'A/OverdueCheck: maxAge',
    '1 to 1000',
    alarms({ maxAge: Duration.hours(36) }),
    alarms({ maxAge: Duration.hours(48) }),
  ],
  ['A: runbook', 'without spaces', alarms({ runbook: 'our runbook' })],
  ['A: topic', 'region us-', alarms({}, (stack) => ({ topic: Topic.fromTopicArn(stack, 'T', eastern(TOPIC_ARN)) }))],
  [
    'Configured: stacks',
    'rotationStacks',
    configured({ stacks: 2, function: FOLDER, secrets: [{ name: 'milvus/orders' }] }),
    configured({ function: FOLDER, secrets: [{ name: 'milvus/orders' }] }),
  ],
  ['L: endpoints', 'Use https://', link('http://in01.zillizcloud.com')],
  ['Test/F-B: Its pins and Test/F/B/Pins', 'another id', twoFunctions('F-B'), twoFunctions('FB')],
];

function synth(build: Build): void {
  const app: App = appWithoutBundles();
  build(new Stack(app, 'Test', { env }));
  app.synth();
}

test.for(PROPS)('%s is refused, and the message says: %s', ([named, allowed, wrong, ...right]) => {
  const message = messageOf(() => synth(wrong));
  expect(message).toContain(named);
  expect(message).toContain(allowed);
  expect(message).not.toMatch(/Hunter2|^[A-Za-z0-9+/=]{40,64}$/m);
  for (const build of right) {
    expect(messageOf(() => synth(build))).toBe('accepted');
  }
});
