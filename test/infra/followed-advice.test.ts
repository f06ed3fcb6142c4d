import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type App, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { Subnet, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../infra/configuration/configuration.ts';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { ClusterPrivateLink, type ClusterPrivateLinkProps } from '../../infra/function/cluster-private-link.ts';
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../infra/function/rotation-function-props.ts';
import { OverdueCheck, type OverdueCheckProps } from '../../infra/monitoring/overdue-check.ts';
import { RotationAlarms, type RotationAlarmsProps } from '../../infra/monitoring/rotation-alarms.ts';
import { CredentialRotation } from '../../infra/rotation/credential-rotation.ts';
import { CrossAccountRotation } from '../../infra/rotation/cross-account-rotation.ts';
import { RotationSchedule } from '../../infra/rotation/rotation-schedule.ts';
import { partOf } from '../../infra/rules/spread.ts';
import { rotationStacks } from '../../infra/stack/rotation-stacks.ts';
import type { SecretTarget } from '../../protocol/secret/rotated-secrets.ts';
import type { Step } from '../../protocol/secret/rotation-step.ts';
import { expectAdvice, type Refusal, refusalOf, refusalTexts } from './support/refusals.ts';
import { REFUSED_FILES } from './support/refused-files.ts';
import { appWithoutBundles, CERTIFICATE_AUTHORITY, ENDPOINT, KEY_ARN, vpcIn } from './support/templates.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:orders-Ab12Cd';
const EASTERN_ARN = SECRET_ARN.replace('west', 'east');
const FUNCTION_ARN = 'arn:aws:lambda:us-west-2:123456789012:function:rotation';
const FOREIGN_FUNCTION_ARN = FUNCTION_ARN.replace('123456789012', '444455556666');
const ROLE_ARN = 'arn:aws:iam::444455556666:role/rotation';
const ACCOUNT = '111122223333';
const SERVER_CERTIFICATE = readFileSync(new URL('fixtures/server-certificate.pem', import.meta.url), 'utf8');
const PRIVATE_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const LINK = { serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0', endpoints: [ENDPOINT] };
const FOLDER = { secretNamePrefix: 'milvus/' };
const USER = { endpoint: ENDPOINT, username: 'orders' };
const TWO = { endpoint: ENDPOINT, strategy: 'alternating-users' as const, usernames: ['a', 'b'] as const };

const env = { account: '123456789012', region: 'us-west-2' };
const newStack = (app: App, id: string): Stack => new Stack(app, id, { env });

type Keys = Readonly<Record<string, unknown>>;
type Build = (stack: Stack) => unknown;

/** Synthesizes the constructs in a new stack, with their validations. */
function synth(build: Build): () => unknown {
  return () => {
    const app = appWithoutBundles();
    build(newStack(app, 'Test'));
    return app.synth();
  };
}

const stacks = (message: string, wrong: Build, ...fixed: readonly Build[]): Refusal => ({
  says: [message],
  wrong: synth(wrong),
  fixed: fixed.map(synth),
});

/**
 * By prop: wrong values, a part of the message, and the values that its advice leads to. A value
 * that is a function gets the stack.
 */
type Advice = Readonly<Record<string, readonly Row[]>>;
type Row = readonly [wrong: Given, message: string, ...fixed: Given[]];
type Given = object | string | number | null | undefined | ((stack: Stack) => unknown);

/** Replaces props of a construct. The value `undefined` removes the prop. */
function props(
  create: (stack: Stack, given: never) => unknown,
  base: Keys | ((stack: Stack) => Keys),
  advice: Advice,
): Refusal[] {
  const withProp = (prop: string, value: unknown): Build => {
    return (stack) => {
      const { [prop]: _, ...others } = typeof base === 'function' ? base(stack) : base;
      const given: unknown = typeof value === 'function' ? value(stack) : value;
      create(stack, (given === undefined ? others : { ...others, [prop]: given }) as never);
    };
  };
  return Object.entries(advice).flatMap(([prop, rows]) =>
    rows.map(([wrong, message, ...fixed]) =>
      stacks(message, withProp(prop, wrong), ...fixed.map((value) => withProp(prop, value))),
    ),
  );
}

/** The same for the argument of a call. */
function argument<Value>(call: (stack: Stack, value: Value) => unknown, ...rows: readonly Row[]): Refusal[] {
  return props((stack, { value }: { readonly value: Value }) => call(stack, value), {}, { value: rows });
}

const newFunction = (stack: Stack, given: RotationFunctionProps | Keys = {}) => new RotationFunction(stack, 'F', given);
const rotation = (stack: Stack, given: Keys) => new CredentialRotation(stack, 'R', given);

const pin = (stack: Stack, target: SecretTarget) => newFunction(stack).pin(stack, named(stack), target);

const secretNamed =
  (name = 'orders') =>
  (scope: Construct) =>
    Secret.fromSecretNameV2(scope, `Named-${name}`, name);
const named = secretNamed();
const secretWith = (arn: string) => (stack: Stack) => Secret.fromSecretCompleteArn(stack, 'S', arn);
const newKey = (stack: Stack) => new Key(stack, 'Key');
const importedKey = (stack: Stack) => Key.fromKeyArn(stack, 'Key', KEY_ARN);
const easternKey = (stack: Stack) => Key.fromKeyArn(stack, 'EasternKey', KEY_ARN.replace('west', 'east'));
const topicIn = (region: string) => (stack: Stack) =>
  Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:${region}:123456789012:oncall`);
const aliasByArn = (stack: Stack) => Key.fromKeyArn(stack, 'Alias', KEY_ARN.replace(/key\/.*/, 'alias/mine'));
const aliasByName = (stack: Stack) => Alias.fromAliasName(stack, 'Alias', 'alias/mine');

const otherStack = (stack: Stack, id: string) => newStack(stack.node.root as App, id);
const otherStackFunction = (stack: Stack, given: RotationFunctionProps = {}) =>
  newFunction(otherStack(stack, 'Function'), given);

const imported = (stack: Stack, attrs: Keys = {}) =>
  RotationFunction.fromRotationFunctionAttributes(stack, 'Deployed', { functionArn: FUNCTION_ARN, ...attrs });

const CROSS = { ...USER, secretName: 'orders', functionArn: FOREIGN_FUNCTION_ARN, roleArn: ROLE_ARN };
const crossAccount = (stack: Stack, given: Keys = {}) =>
  new CrossAccountRotation(stack, 'Cross', { ...CROSS, encryptionKey: new Key(stack, 'CrossKey'), ...given });

const alarms = (stack: Stack, given: RotationAlarmsProps) => new RotationAlarms(stack, 'A', given);
const privateLink = (stack: Stack, given: ClusterPrivateLinkProps) => new ClusterPrivateLink(stack, 'L', given);

const importedRole = (stack: Stack) => Role.fromRoleArn(stack, 'Role', ROLE_ARN);
const CONFIGURATION = parseConfiguration('secrets: [{name: orders}]', 'rotation.yaml');

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

const OF_FUNCTION: Advice = {
  secretNamePrefix: [[`${Aws.STACK_NAME}/`, 'secretNamePrefix is unknown at synth', 'milvus/']],
  secretAccounts: [
    [[Aws.ACCOUNT_ID], 'An account in secretAccounts is unknown at synth', [ACCOUNT]],
    [[ACCOUNT, ACCOUNT], 'secretAccounts names 111122223333 twice. Name each account once.', [ACCOUNT]],
    [['1'], 'secretAccounts[0]: "1" Write the 12 digits of an account.', [ACCOUNT]],
    [ACCOUNT, 'Write a list of accounts.', [ACCOUNT]],
  ],
  allowedEndpoints: [
    [['a', '*.example.com'], 'allowedEndpoints[1]: "*.example.com" Write a host (milvus', ['.example.com']],
    [[], 'allowedEndpoints: [] An empty list allows no cluster.', undefined],
  ],
  clusterEndpoint: [
    ['in01.zillizcloud.com', 'clusterEndpoint: "in01.zillizcloud.com" The endpoint is not an', ENDPOINT],
    ['http://in01.zillizcloud.com', 'would carry passwords in plain text', ENDPOINT],
    ['https://milvus.example.com', 'milvus.example.com is not an allowed endpoint. Allowed: .z', ENDPOINT],
    ['https://orders:Hunter2!@a.zillizcloud.com', 'clusterEndpoint: "https://…@a.zillizcloud.com" ', ENDPOINT],
  ],
  certificateAuthority: [
    [1, 'Give the text of a PEM file.', CERTIFICATE_AUTHORITY],
    ['ca.pem', 'certificateAuthority: The text contains no certificate. Give the text', CERTIFICATE_AUTHORITY],
    [SERVER_CERTIFICATE, 'certificate of a server', CERTIFICATE_AUTHORITY],
    [
      CERTIFICATE_AUTHORITY + PRIVATE_KEY,
      'Test/F: certificateAuthority: The text contains a private key, which must stay secret. Give only',
      CERTIFICATE_AUTHORITY,
    ],
  ],
  transport: [['http', 'Test/F: transport: "http" Write grpc or rest.', 'grpc', 'rest']],
  timeout: [
    [Duration.seconds(3), 'timeout: 3 Write a whole number of seconds from 30 to 900.', Duration.seconds(30)],
    [Duration.minutes(20), 'timeout: 1200 Write a whole number of seconds', Duration.minutes(15)],
  ],
  memorySize: [[512.5, 'memorySize: 512.5 Write a whole number of MB from 128 to 10240.', 512]],
  logRetention: [[31, 'Give a member of RetentionDays', RetentionDays.THREE_MONTHS]],
  logRemovalPolicy: [['keep', 'Give a member of RemovalPolicy', RemovalPolicy.RETAIN]],
  tags: [[{ 'aws:team': 'search' }, 'tags: "aws:…" A tag key has 1 to 128 characters', { team: 'search' }]],
  logEncryptionKey: [
    [easternKey, 'logEncryptionKey: This is in region us-east-2, but the stack is in region us-west-2.', importedKey],
  ],
  adminSecret: [
    ['root:Milvus-password-1', 'adminSecret: This is a string. Give a secret of CDK', secretNamed('admin')],
    [secretWith(EASTERN_ARN), 'adminSecret: This is in region us-east-2', secretWith(SECRET_ARN)],
    [
      (stack) =>
        Secret.fromSecretAttributes(stack, 'S', { secretCompleteArn: SECRET_ARN, encryptionKey: aliasByArn(stack) }),
      'The target key of alias/mine is unknown at synth.',
      secretWith(SECRET_ARN),
    ],
  ],
  secretKeys: [[(stack) => [newKey(stack)], 'secretKeys needs secretNamePrefix', undefined]],
  memorySizes: [[1024, 'Did you mean memorySize?', undefined]],
  foo: [[1, 'foo: Unknown prop. Remove it.', undefined]],
};

const OF_FUNCTION_WITH_FOLDER: Advice = {
  secretKeys: [
    [newKey, 'Give a list of keys of CDK.', (stack) => [newKey(stack)]],
    [(stack) => [easternKey(stack)], 'secretKeys[0]: This is in region us-east-2', undefined],
    [(stack) => [aliasByName(stack)], 'The target key of alias/mine', (stack) => [importedKey(stack)]],
  ],
  secretAccounts: [[[ACCOUNT], 'secretNamePrefix and secretAccounts cannot be given together', undefined]],
  adminSecret: [[secretNamed('milvus/admin'), 'is below secretNamePrefix', secretNamed('ops/admin')]],
  secretNamePrefix: [
    ['milvus', 'Write a folder that ends in a slash, such as milvus/.', 'milvus/'],
    ['*/', 'Write a folder that ends in a slash', 'milvus/'],
    ['', 'Write a folder that ends in a slash', undefined],
  ],
};

const SUBNETS = { subnetType: SubnetType.PRIVATE_ISOLATED };
const OF_FUNCTION_WITH_VPC: Advice = {
  vpc: [['vpc-1', 'vpc: This is a string. Give a VPC of CDK', vpcIn]],
  vpcSubnets: [
    ['private', 'Give a selection', SUBNETS],
    [{ subnetType: 'foo' }, 'vpcSubnets.subnetType: "foo" Give a member of SubnetType', SUBNETS],
    [{ subnetGroup: 'a' }, 'vpcSubnets.subnetGroup: Unknown prop.', SUBNETS],
    [
      { subnets: ['subnet-1'] },
      'vpcSubnets.subnets[0]: This is a string. Give a subnet of CDK',
      (stack) => ({ subnets: [Subnet.fromSubnetId(stack, 'Subnet', 'subnet-1')] }),
    ],
  ],
};

const REPLICA = { region: 'eu-west-1' };
const OF_NEW_SECRET: Advice = {
  endpoint: [
    [5, 'endpoint: 5 Write https://host[:port].', ENDPOINT],
    [undefined, 'Test/R: The props name no existing secret, and a new secret needs both endpoint and', ENDPOINT],
    ['https://milvus.example.com', 'milvus.example.com is not an allowed endpoint.', ENDPOINT],
    ['http://in01.zillizcloud.com', 'would carry passwords in plain text', ENDPOINT],
  ],
  username: [
    [undefined, 'a new secret needs both endpoint and username', 'orders'],
    ['', 'Test/R: username: "" A cluster user starts with a letter', 'orders'],
    ['orders:Hunter2!', 'username: "orders:…" A cluster user starts with a letter', 'orders'],
  ],
  secretName: [
    ['a b?*', 'Test/R: secretName: "a b?*" A secret name has 1 to 512 letters, digits', 'a-b'],
    ['orders-abcdef', 'secretName: "orders-abcdef" A new name must not end in a hyphen', 'orders-abcde'],
  ],
  replicaRegions: [
    [[{}], "replicaRegions[0].region: Give the name of a region: { region: 'eu-west-1' }.", [REPLICA]],
    [['eu-west-1'], 'replicaRegions[0]: "eu-west-1" Give a map', [REPLICA]],
    [[{ ...REPLICA, encryptionKey: 'k' }], 'replicaRegions[0].encryptionKey: This is a string. Give a key', [REPLICA]],
    [
      [{ ...REPLICA, encrytionKey: 1 }],
      'replicaRegions[0].encrytionKey: Unknown prop. Did you mean encryptionKey?',
      (stack) => [{ ...REPLICA, encryptionKey: newKey(stack) }],
    ],
  ],
  secretKeys: [[(stack) => [newKey(stack)], 'secretKeys needs secretNamePrefix', undefined]],
  encryptionKey: [[easternKey, 'Test/R: encryptionKey: This is in region us-east-2', importedKey]],
  tags: [[{ 'aws:team': 'search' }, 'tags: "aws:…" A tag key has 1 to 128 characters', { team: 'search' }]],
  timeout: [[Duration.seconds(3), 'Test/R/RotationFunction: timeout: 3 Write a whole number', Duration.seconds(30)]],
  rotationFunction: [
    [
      (stack) => newFunction(stack, { allowedEndpoints: ['.example.com'] }),
      'is not an allowed endpoint. Allowed: .example.com.',
      newFunction,
    ],
    [
      (stack) => newFunction(stack, FOLDER),
      'A secret without a fixed name is outside milvus/, but the function may rotate only secrets',
      newFunction,
    ],
  ],
};

const OF_EXISTING_SECRET: Advice = {
  secret: [
    [
      'milvus/orders',
      "Test/R: secret: This is a string. Give a secret of CDK, such as Secret.fromSecretNameV2(this, 'Secret', 'milvus/orders').",
      named,
    ],
    [secretWith(EASTERN_ARN), 'A schedule must be in the account and region of its secret', secretWith(SECRET_ARN)],
    [
      secretWith(SECRET_ARN.replace('123456789012', ACCOUNT)),
      'Test/R: The secret is in account 111122223333 and region us-west-2, but this stack is in account 123456789012 and region us-west-2.',
      secretWith(SECRET_ARN),
    ],
  ],
  endpoint: [
    [
      'https://elsewhere.example.com',
      'Test/R: endpoint: "https://elsewhere.example.com" elsewhere.example.com is not an allowed endpoint.',
      ENDPOINT,
    ],
  ],
  username: [['orders:Hunter2!', 'username: "orders:…" A cluster user starts with a letter', 'orders']],
  schedule: [
    [
      'rate(30 days)',
      'schedule: This is a string. Give a RotationSchedule, such as RotationSchedule.rate(Duration.days(30)).',
      RotationSchedule.rate(Duration.days(30)),
    ],
  ],
  rotationFunction: [
    [newKey, 'rotationFunction: This is a Key. Give new RotationFunction(', newFunction, imported],
    [
      (stack) => newFunction(stack, FOLDER),
      'orders is outside milvus/, but the function may rotate only secrets whose name begins with milvus/.',
      newFunction,
    ],
  ],
  shedule: [[1, 'Test/R: shedule: Unknown prop. Did you mean schedule? Write schedule, or remove shedule.', undefined]],
  secretName: [['orders', 'secret cannot be given together with secretName. They apply', undefined]],
  description: [['a', 'secret cannot be given together with description.', undefined]],
  removalPolicy: [[RemovalPolicy.RETAIN, 'secret cannot be given together with removalPolicy.', undefined]],
  replicaRegions: [[[REPLICA], 'secret cannot be given together with replicaRegions.', undefined]],
};

const OF_TWO_USERS: Advice = {
  username: [['a', 'username: "a" usernames names both users. Remove username.', undefined]],
  strategy: [
    ['single-user', 'usernames: ["a","b"] A single user is named by username.', TWO.strategy],
    ['two', 'strategy: "two" Write single-user or alternating-users.', TWO.strategy],
  ],
  usernames: [
    [undefined, 'Test/R: usernames: Missing. With alternating-users, write the two users that take turns', ['a', 'b']],
    [['a'], 'Write the two users that take turns', ['a', 'b']],
    [['a', 'a'], 'They must differ.', ['a', 'b']],
    [['a', '1st'], 'usernames[1]: "1st" A cluster user starts with a letter', ['a', 'b']],
  ],
  schedule: [
    [
      RotationSchedule.expression('rate(4 hours)', { window: Duration.hours(4) }),
      'schedule: "rate(4 hours)" With this schedule, two rotations can be only 0 minutes apart: one at',
      RotationSchedule.expression('rate(8 hours)', { window: Duration.hours(4) }),
    ],
  ],
  minimumGapMinutes: [
    [1_000_000, 'Write a whole number of minutes from 0 to 525600.', 0],
    [50_000, 'schedule: With this schedule, two rotations can be only 41760 minutes apart', 41_760],
  ],
};

const OF_CROSS_ACCOUNT: Advice = {
  encryptionKey: [
    [importedKey, 'this app cannot change the policy of an imported key', newKey],
    [easternKey, 'encryptionKey: This is in region us-east-2', newKey],
  ],
  endpoint: [['milvus', 'Test/Cross: endpoint: "milvus" The endpoint is not an address.', ENDPOINT]],
  functionArn: [
    [FOREIGN_FUNCTION_ARN.replace('west', 'east'), 'invokes functions of its own region only', FOREIGN_FUNCTION_ARN],
    [FUNCTION_ARN, ':function:rotation" The function is in account 123456789012, as this stack.', FOREIGN_FUNCTION_ARN],
  ],
  roleArn: [
    ['rotation', 'Give the ARN of the role', ROLE_ARN],
    [
      ROLE_ARN.replace('444455556666', ACCOUNT),
      'The role is in account 111122223333, but the function is in account 444455556666. Give the role of the function',
      ROLE_ARN,
    ],
  ],
};

const OF_DEPLOYED_FUNCTION: Advice = {
  functionArn: [
    [`${FUNCTION_ARN}:live`, 'Give the ARN of the rotation function', FUNCTION_ARN],
    [
      FUNCTION_ARN.replace('west', 'east'),
      'The function is in region us-east-2, but this stack is in region us-west-2. Secrets Manager invokes functions of its own region only',
      FUNCTION_ARN,
    ],
    [
      FOREIGN_FUNCTION_ARN,
      'functionArn: "arn:aws:lambda:us-west-2:444455556666:function:rotation" The function is in account 444455556666, but this stack is in account 123456789012. Use CrossAccountRotation',
      FUNCTION_ARN,
    ],
  ],
};

const OF_METRIC: Advice = {
  period: [[300, 'period: This is 300. Give a Duration', Duration.minutes(5)]],
  statistic: [[5, 'statistic: 5 Give a string.', 'Sum']],
  unit: [['count', 'Give a member of Unit', Unit.COUNT]],
  dimensionsMap: [['step', 'Give a map of dimensions', { step: 'setSecret' }]],
};

const OF_PIN: Advice = {
  username: [[5, 'target.username: 5 A cluster user starts with a letter', 'orders']],
  endpoint: [[5, 'target.endpoint: 5 Write https:', ENDPOINT]],
};

const OF_PIN_OF_TWO_USERS: Advice = {
  username: [['a', 'usernames names both users.', undefined]],
  usernames: [
    [5, 'target.usernames: 5 Write the two users', ['a', 'b']],
    [['a', 'a'], 'They must differ.', ['a', 'b']],
  ],
  endpoint: [[undefined, 'endpoint: Missing. With alternating-users, write the endpoint of the cluster', ENDPOINT]],
};

const withFolder = (stack: Stack) => ({ rotationFunction: newFunction(stack, FOLDER) });
const OF_ALARMS: Advice = {
  rotationFunction: [
    [(stack) => imported(stack, FOLDER), 'monitored by its own app', (stack) => newFunction(stack, FOLDER)],
    [
      newFunction,
      'The alarms need at least one secret, but Test/F rotates none.',
      (stack) => rotation(stack, USER).rotationFunction,
      (stack) => {
        const rotationFunction = newFunction(stack);
        rotationFunction.allowRotationOf(named(stack));
        return rotationFunction;
      },
      (stack) => newFunction(stack, FOLDER),
    ],
  ],
};

const OF_ALARMS_WITH_SECRETS: Advice = {
  topic: [[topicIn('us-east-2'), 'topic: This is in region us-east-2', topicIn('us-west-2')]],
  maxAge: [[Duration.hours(12), 'maxAge is 12 hours', Duration.days(90), undefined]],
  tags: [[{ 'aws:team': 'search' }, 'tags: "aws:…" A tag key has 1 to 128 characters', { team: 'search' }]],
};

const OF_OVERDUE: Advice = { period: [[300, 'period: This is 300. Give a Duration', Duration.hours(1)]] };

const OF_PRIVATE_LINK: Advice = {
  endpoints: [
    [['milvus'], 'The endpoint is not an address.', [ENDPOINT]],
    [[], 'endpoints: [] Write at least one cluster endpoint.', [ENDPOINT]],
  ],
  serviceName: [['vpce-svc-0', 'serviceName: "vpce-svc-0" Write the service name that', LINK.serviceName]],
};

const REFUSED_PROPS: readonly Refusal[] = [
  ...props(newFunction, {}, OF_FUNCTION),
  ...props(newFunction, FOLDER, OF_FUNCTION_WITH_FOLDER),
  ...props(
    newFunction,
    (stack) => ({ vpc: vpcIn(new Construct(stack, 'Scope')), vpcSubnets: SUBNETS }),
    OF_FUNCTION_WITH_VPC,
  ),
  ...props(rotation, USER, OF_NEW_SECRET),
  ...props(rotation, (stack) => ({ secret: named(new Construct(stack, 'Scope')) }), OF_EXISTING_SECRET),
  ...props(rotation, TWO, OF_TWO_USERS),
  ...props(crossAccount, {}, OF_CROSS_ACCOUNT),
  ...props(imported, {}, OF_DEPLOYED_FUNCTION),
  ...props((stack, given) => imported(stack).metricStepFailed(given), {}, OF_METRIC),
  ...props(pin, USER, OF_PIN),
  ...props(pin, { endpoint: ENDPOINT, usernames: TWO.usernames }, OF_PIN_OF_TWO_USERS),
  ...props(alarms, {}, OF_ALARMS),
  ...props(alarms, withFolder, OF_ALARMS_WITH_SECRETS),
  ...props((stack, given) => new OverdueCheck(stack, 'A', withFolder(stack)).metricOverdue(given), {}, OF_OVERDUE),
  ...props(privateLink, (stack) => ({ ...LINK, vpc: vpcIn(stack) }), OF_PRIVATE_LINK),
  stacks(
    'is below secretNamePrefix',
    (stack) => newFunction(stack, { ...FOLDER, adminSecret: secretNamed('milvus/admin')(stack) }),
    (stack) =>
      newFunction(stack, { secretNamePrefix: 'milvus/apps/', adminSecret: secretNamed('milvus/admin')(stack) }),
  ),
  stacks(
    'secretKeys needs secretNamePrefix',
    (stack) => newFunction(stack, { secretKeys: [newKey(stack)] }),
    (stack) => newFunction(stack, { ...FOLDER, secretKeys: [newKey(stack)] }),
    (stack) => rotation(stack, { ...USER, encryptionKey: newKey(stack) }),
  ),
  stacks(
    'clusterEndpoint: "https://in01.zillizcloud.com" in01.zillizcloud.com is not an allowed endpoint. Allowed: .example',
    (stack) =>
      newFunction(stack, { clusterEndpoint: 'https://in01.zillizcloud.com', allowedEndpoints: ['.example.com'] }),
    (stack) => newFunction(stack, { clusterEndpoint: 'https://a.example.com', allowedEndpoints: ['.example.com'] }),
  ),
  ...argument(newFunction, [null, 'props: This is null.', {}]),
  ...argument(
    (stack, given: OverdueCheckProps) => new OverdueCheck(stack, 'A', given),
    [undefined, 'Test/A: props: This is undefined. Give a map with rotationFunction.', withFolder],
  ),
  ...argument(
    (stack, key: IKey) => newFunction(stack).allowRotationOf(named(stack), key),
    [aliasByName, 'The target key of alias/mine is unknown at synth. IAM policies must name the key', importedKey],
    [easternKey, 'encryptionKey: This is in region us-east-2, but the stack is in region us-west-2.', importedKey],
  ),
  ...argument(
    (stack, secret: ISecret) => newFunction(stack).allowRotationOf(secret),
    [secretWith(EASTERN_ARN), 'secret: This is in region us-east-2, but the stack is in region us-west-2.', named],
    ['orders', 'secret: This is a string. Give a secret of CDK', named],
  ),
  stacks(
    'The inline policies of the function',
    (stack) => allow(newFunction(stack), 120),
    (stack) => allow(newFunction(stack, FOLDER), 120),
    (stack) => [allow(newFunction(stack), 60), allow(new RotationFunction(stack, 'G'), 120, 60)],
  ),
  stacks(
    'or write endpoints into the secrets or into their tag zilliz:endpoint',
    (stack) => pinned(newFunction(stack), 40),
    (stack) => pinned(newFunction(stack), 20),
    (stack) => [pinned(newFunction(stack), 20), pinned(new RotationFunction(stack, 'G'), 40, 20)],
    (stack) => allow(newFunction(stack), 40, 0, ''),
  ),
  stacks(
    'With an admin secret, the environment names the endpoint and user of each new secret, too: omit it, or use another',
    (stack) => pinned(newFunction(stack, { adminSecret: secretNamed('admin')(stack) }), 40),
    (stack) => pinned(newFunction(stack, { adminSecret: secretNamed('admin')(stack) }), 20),
  ),
  stacks(
    'cannot be one of the rotated secrets',
    (stack) => newFunction(stack, { adminSecret: named(stack) }).allowRotationOf(named(new Construct(stack, 'Same'))),
    (stack) => newFunction(stack, { adminSecret: secretNamed('admin')(stack) }).allowRotationOf(named(stack)),
    (stack) => [
      newFunction(stack, { adminSecret: named(stack) }),
      new RotationFunction(stack, 'G').allowRotationOf(named(new Construct(stack, 'Same'))),
    ],
  ),
  stacks(
    'rotates this secret already',
    (stack) =>
      [stack, new Construct(stack, 'Again')].map(
        (scope) => new CredentialRotation(scope, 'R', { secret: named(scope) }),
      ),
    (stack) => rotation(stack, { secret: named(stack) }),
  ),
  stacks(
    'A schedule must be in the account and region of its secret',
    (stack) => rotation(stack, { secret: secretWith(EASTERN_ARN)(stack) }),
    (stack) => {
      const east = new Stack(stack.node.root, 'East', { env: { ...env, region: 'us-east-2' } });
      rotation(east, { secret: secretWith(EASTERN_ARN)(east) });
    },
    (stack) => crossAccount(stack),
  ),
  stacks(
    'for a function of this account.',
    (stack) => crossAccount(stack, { functionArn: FUNCTION_ARN }),
    (stack) => rotation(stack, { ...USER, secretName: 'orders', rotationFunction: imported(stack) }),
  ),
  stacks(
    'Use CrossAccountRotation for a function of another account.',
    (stack) => imported(stack, { functionArn: FOREIGN_FUNCTION_ARN }),
    (stack) => crossAccount(stack),
  ),
  ...argument(
    (stack, name: string) => newFunction(stack).checkName(stack, name),
    [5, 'name: 5 Give the name of a secret.', 'orders'],
  ),
  ...argument(
    (stack, code: string) => imported(stack).metricFailureByCode(code),
    ['CLUSTER_UNREACHABLES', 'code: "CLUSTER_UNREACHABLES" Give a code of docs/operations.md', 'CLUSTER_UNREACHABLE'],
  ),
  ...argument(
    (stack, step: Step) => imported(stack).metricStepDuration(step),
    ['create', 'step: "create" Give one of createSecret, setSecret, testSecret, finishSecret.', 'createSecret'],
  ),
  ...argument(
    (stack, role: IRole) => rotation(stack, { secret: named(stack) }).grantConsume(role),
    ['role', 'grantee: This is a string. Give a role of CDK', importedRole],
  ),
  ...argument(
    (stack, role: IRole) => rotation(stack, { secret: named(stack) }).grantRotate(role),
    [undefined, 'grantee: Missing. Give a role of CDK', importedRole],
  ),
  ...argument(
    (_, every: Duration) => RotationSchedule.rate(every),
    [Duration.hours(2), 'The schedule rate(2 hours) is invalid. Write an interval from 4 hours', Duration.hours(4)],
    [30, 'every: This is 30. Give a Duration, such as Duration.days(30).', Duration.days(30)],
  ),
  ...argument(
    (_, window: Duration) => RotationSchedule.cron('0 4 1 * ? *', { window }),
    [2, 'window: This is 2. Give a Duration, such as Duration.hours(2).', Duration.hours(2)],
  ),
  ...argument(
    (_, fields: string) => RotationSchedule.cron(fields),
    [null, 'fields: null Write rate(30 days) or cron(0 4 1 * ? *).', '0 4 1 * ? *'],
  ),
  ...argument(
    (_, expression: string) => RotationSchedule.expression(expression),
    [undefined, 'expression: Missing. Write rate(30 days) or cron(0 4 1 * ? *).', 'rate(30 days)'],
  ),
  // The message starts without a path, because the path of an app is empty.
  ...argument(
    (_, configuration: Configuration) => rotationStacks(appWithoutBundles(), configuration),
    [undefined, "configuration: Missing. Give the result of readConfiguration('rotation.yaml').", CONFIGURATION],
    ['rotation.yaml', "configuration: This is a string. Give the result of readConfiguration('", CONFIGURATION],
  ),
  ...argument(
    rotation,
    [
      undefined,
      'props: This is undefined. Give a map: { secret } or { endpoint, username }.',
      (stack) => ({ secret: named(stack) }),
      USER,
    ],
    [
      (stack) => ({ ...USER, secretName: 'orders', rotationFunction: newFunction(stack, FOLDER) }),
      'orders is outside milvus/',
      (stack) => ({ ...USER, secretName: 'milvus/orders', rotationFunction: newFunction(stack, FOLDER) }),
      (stack) => ({ ...USER, secretName: 'orders', rotationFunction: newFunction(stack) }),
    ],
    [
      (stack) => ({ ...TWO, secretName: 'milvus/two', rotationFunction: otherStackFunction(stack, FOLDER) }),
      'With secretNamePrefix, the function does not pin a new secret of another stack',
      (stack) => ({ ...TWO, secretName: 'milvus/two', rotationFunction: newFunction(stack, FOLDER) }),
      (stack) => ({ ...TWO, secretName: 'milvus/two', rotationFunction: otherStackFunction(stack) }),
    ],
    [
      (stack) => ({ secret: named(stack), strategy: TWO.strategy, usernames: TWO.usernames }),
      'endpoint: Missing. With alternating-users, write the endpoint of the cluster that has both users.',
      (stack) => ({ secret: named(stack), ...TWO }),
    ],
    [
      (stack) => ({ ...USER, secret: new Secret(stack, 'S') }),
      'Test/R: The function finds the endpoint and username of an existing secret by its name, and the name of this secret is unknown at synth.',
      (stack) => ({ ...USER, secret: named(stack) }),
      (stack) => ({ ...USER, secret: secretWith(SECRET_ARN)(stack) }),
      (stack) => ({ secret: new Secret(stack, 'S') }),
    ],
    [
      (stack) => ({ secret: named(stack), encryptionKey: newKey(stack), rotationFunction: otherStackFunction(stack) }),
      'Test/R: The stack of the secret creates the key, but the policy of a function in another stack must name the key.',
      (stack) => {
        const rotationFunction = otherStackFunction(stack);
        return { secret: named(stack), encryptionKey: newKey(Stack.of(rotationFunction)), rotationFunction };
      },
      (stack) => ({
        secret: named(stack),
        encryptionKey: newKey(otherStack(stack, 'Third')),
        rotationFunction: otherStackFunction(stack),
      }),
    ],
    [
      (stack) => ({ ...USER, rotationFunction: otherStackFunction(stack) }),
      'Test/R: This stack creates the secret, but the policy of a function in another stack must name the secret.',
      (stack) => ({ ...USER, secretName: 'orders', rotationFunction: otherStackFunction(stack) }),
      (stack) => ({ ...USER, secretName: 'milvus/orders', rotationFunction: otherStackFunction(stack, FOLDER) }),
    ],
    [
      (stack) => ({
        secret: new Secret(stack, 'S', { secretName: 'own' }),
        rotationFunction: otherStackFunction(stack),
      }),
      'Secret.fromSecretNameV2 for your own secret, or secretNamePrefix to the function.',
      (stack) => {
        new Secret(stack, 'S', { secretName: 'own' });
        return { secret: secretNamed('own')(stack), rotationFunction: otherStackFunction(stack) };
      },
    ],
    [
      (stack) => ({ ...USER, rotationFunction: newFunction(stack), memorySize: 1024 }),
      'rotationFunction cannot be given together with memorySize',
      (stack) => ({ ...USER, rotationFunction: newFunction(stack, { memorySize: 1024 }) }),
    ],
    [
      (stack) => ({ ...USER, rotationFunction: imported(stack) }),
      'CloudFormation generates the name',
      (stack) => ({ ...USER, secretName: 'orders', rotationFunction: imported(stack) }),
      (stack) => ({ ...USER, secretName: 'milvus/orders', rotationFunction: imported(stack, FOLDER) }),
    ],
  ),
  {
    says: ['This stack has 241 secrets, and CloudFormation allows 240. Write a higher number for stacks.'],
    wrong: fleet(2),
    fixed: [fleet(3)],
  },
];

/** Texts that no input reaches at synth, with the reason. */
const UNREACHED: Readonly<Record<string, string>> = {
  'A password length of': 'passwordLength is checked first: a whole number from 8 to 64.',
};

describe('the advice of a refusal at synth leads to an accepted input', () => {
  test.each(REFUSED_PROPS.map((refusal, index) => [index, refusal.says.join(' … '), refusal] as const))(
    '%i %s',
    (_index, _says, refusal) => expectAdvice(refusal),
  );

  test('and every refusal in the source has such a test', () => {
    const messages = [...REFUSED_FILES, ...REFUSED_PROPS].map(({ wrong }) => refusalOf(wrong) ?? '');
    const texts = refusalTexts().filter(
      ({ pattern }) => !Object.keys(UNREACHED).some((text) => pattern.test(text) || String(pattern).includes(text)),
    );
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter(({ pattern }) => !messages.some((text) => pattern.test(text)))).toEqual([]);
  });
});
