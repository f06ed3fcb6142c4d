import { Duration, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { RotationPropsError } from '../../infra/errors.ts';
import { ClusterPrivateLink, type ClusterPrivateLinkProps } from '../../infra/function/cluster-private-link.ts';
import type { RotationFunctionAttributes } from '../../infra/function/imported-rotation-function.ts';
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import type { IRotationFunction } from '../../infra/function/rotation-function-base.ts';
import type { RotationFunctionProps } from '../../infra/function/rotation-function-props.ts';
import * as api from '../../infra/index.ts';
import { OverdueCheck, type OverdueCheckProps } from '../../infra/monitoring/overdue-check.ts';
import { RotationAlarms, type RotationAlarmsProps } from '../../infra/monitoring/rotation-alarms.ts';
import { CredentialRotation } from '../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../infra/rotation/credential-rotation-props.ts';
import { CrossAccountRotation, type CrossAccountRotationProps } from '../../infra/rotation/cross-account-rotation.ts';
import { RotationSchedule, type RotationScheduleOptions } from '../../infra/rotation/rotation-schedule.ts';
import { FUNCTION_FIELDS, type FunctionSettings } from '../../infra/rules/function-settings.ts';
import { RotationStack, type RotationStackProps } from '../../infra/stack/rotation-stack.ts';
import { appWithoutBundles, ENDPOINT, vpcIn } from './support/templates.ts';

/** Values that JavaScript lets through, and how a message shows what was found. */
const VALUES = {
  null: { value: null, shown: /\bnull\b/ },
  number: { value: 5, shown: /\b5\b/ },
  text: { value: 'text', shown: /"text"|a string|The text/ },
  map: { value: {}, shown: /a map/ },
  list: { value: [], shown: /\[\]|a list/ },
};

type Kind = keyof typeof VALUES;

/** For each prop, the kinds of values that the prop accepts. The compiler requires every prop. */
type Accepted<Props> = { readonly [Prop in keyof Props]-?: readonly Kind[] };

interface Subject<Props> {
  readonly create: (scope: Construct, props: Props) => unknown;
  /** Valid props, with those that the prop needs. */
  readonly base: (scope: Construct, prop?: string) => Props;
  readonly required: readonly (keyof Props)[];
  readonly accepted: Accepted<Props>;
}

/** The settings whose field the file and the props share, with the kinds the field accepts. */
const SETTINGS = Object.fromEntries(
  Object.entries(FUNCTION_FIELDS).map(([key, field]) => [
    key,
    (Object.keys(VALUES) as Kind[]).filter((kind) => field.safeParse(VALUES[kind].value).success),
  ]),
) as unknown as Accepted<FunctionSettings>;

const FUNCTION_PROPS: Accepted<RotationFunctionProps> = {
  ...SETTINGS,
  adminSecret: [],
  architecture: [],
  certificateAuthority: [],
  logEncryptionKey: [],
  logRemovalPolicy: [],
  // RetentionDays.FIVE_DAYS is 5.
  logRetention: ['number'],
  permissionsBoundary: [],
  secretAccounts: ['list'],
  secretKeys: ['list'],
  securityGroups: ['list'],
  tags: ['map'],
  timeout: [],
  vpc: [],
  vpcSubnets: ['map'],
};

const OVERDUE: Accepted<OverdueCheckProps> = {
  rotationFunction: [],
  maxAge: [],
  permissionsBoundary: [],
  tags: ['map'],
};

const withFolder = (scope: Construct) => ({
  rotationFunction: new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' }),
});

/** A VPC has many resources, so only the props that need it get one. */
function vpcOf(scope: Construct, prop = ''): { vpc?: IVpc } {
  return /^(vpcSubnets|securityGroups)$/.test(prop) ? { vpc: vpcIn(scope) } : {};
}

const asSubject = <Props>(subject: Subject<Props>): Subject<Record<string, unknown>> =>
  subject as unknown as Subject<Record<string, unknown>>;

const SUBJECTS: Readonly<Record<string, Subject<Record<string, unknown>>>> = {
  RotationFunction: asSubject<RotationFunctionProps>({
    create: (scope, props) => new RotationFunction(scope, 'It', props),
    base: vpcOf,
    required: [],
    accepted: FUNCTION_PROPS,
  }),
  'RotationFunction.fromRotationFunctionAttributes': asSubject<RotationFunctionAttributes>({
    create: (scope, props) => RotationFunction.fromRotationFunctionAttributes(scope, 'It', props),
    base: () => ({ functionArn: 'arn:aws:lambda:us-west-2:123456789012:function:rotation' }),
    required: ['functionArn'],
    accepted: {
      functionArn: [],
      role: [],
      secretNamePrefix: [],
      clusterEndpoint: [],
      allowedEndpoints: [],
      allowPlaintext: [],
      strategy: [],
      minimumGapMinutes: ['number'],
    },
  }),
  CredentialRotation: asSubject<CredentialRotationProps>({
    create: (scope, props) => new CredentialRotation(scope, 'It', props),
    base: (scope, prop) => ({ endpoint: ENDPOINT, username: 'orders', ...vpcOf(scope, prop) }),
    required: [],
    accepted: {
      ...FUNCTION_PROPS,
      description: ['text'],
      encryptionKey: [],
      endpoint: [],
      removalPolicy: [],
      replicaRegions: ['list'],
      rotateImmediatelyOnUpdate: [],
      rotationFunction: [],
      schedule: [],
      secret: [],
      secretName: ['text'],
      username: ['text'],
      usernames: [],
    },
  }),
  CrossAccountRotation: asSubject<CrossAccountRotationProps>({
    create: (scope, props) => new CrossAccountRotation(scope, 'It', props),
    base: (scope) => ({
      secretName: 'milvus/orders',
      endpoint: ENDPOINT,
      username: 'orders',
      encryptionKey: new Key(scope, 'Key'),
      functionArn: 'arn:aws:lambda:us-west-2:444455556666:function:rotation',
      roleArn: 'arn:aws:iam::444455556666:role/rotation',
    }),
    required: ['secretName', 'endpoint', 'username', 'encryptionKey', 'functionArn', 'roleArn'],
    accepted: {
      secretName: ['text'],
      endpoint: [],
      username: ['text'],
      encryptionKey: [],
      functionArn: [],
      roleArn: [],
      schedule: [],
      rotateImmediatelyOnUpdate: [],
    },
  }),
  ClusterPrivateLink: asSubject<ClusterPrivateLinkProps>({
    create: (scope, props) => new ClusterPrivateLink(scope, 'It', props),
    base: (scope) => ({
      vpc: vpcIn(scope),
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: [ENDPOINT],
    }),
    required: ['vpc', 'serviceName', 'endpoints'],
    accepted: {
      vpc: [],
      serviceName: [],
      endpoints: [],
      vpcSubnets: ['map'],
      allowFrom: ['list'],
      secretsManagerEndpoint: [],
    },
  }),
  OverdueCheck: asSubject<OverdueCheckProps>({
    create: (scope, props) => new OverdueCheck(scope, 'It', props),
    base: withFolder,
    required: ['rotationFunction'],
    accepted: OVERDUE,
  }),
  RotationAlarms: asSubject<RotationAlarmsProps>({
    create: (scope, props) => new RotationAlarms(scope, 'It', props),
    base: withFolder,
    required: ['rotationFunction'],
    accepted: { ...OVERDUE, topic: [], runbook: ['text'], dashboard: [] },
  }),
  'RotationSchedule.rate': asSubject<RotationScheduleOptions>({
    create: (_, props) => RotationSchedule.rate(Duration.days(30), props),
    base: () => ({}),
    required: [],
    accepted: { window: [] },
  }),
  RotationStack: asSubject<Pick<RotationStackProps, 'configuration'>>({
    create: (scope, props) => new RotationStack(scope, 'It', props),
    base: () => ({ configuration: parseConfiguration('secrets: [{name: orders}]', 'rotation.yaml') }),
    required: ['configuration'],
    accepted: { configuration: [] },
  }),
};

let stack: Stack;

beforeEach(() => {
  stack = newStack();
});

function newStack(): Stack {
  return new Stack(appWithoutBundles(), 'Test', { env: { account: '123456789012', region: 'us-west-2' } });
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** A sentence that names the prop, shows what was found, and says what is expected. */
function expectRefused(act: () => unknown, prop: string, shown: RegExp): void {
  const error = errorOf(act);
  expect(error).toBeInstanceOf(RotationPropsError);
  const message = (error as Error).message.replace(/^Test\S*: /, '');
  expect(message).toMatch(new RegExp(`^${prop}(\\[\\d+\\]|\\.\\w+)?: `));
  expect(message).toMatch(shown);
  expect(message).toMatch(/(Give|Write|Remove|Expected|has|starts with|allows) [^.]+.*\.$/);
}

describe.each(Object.entries(SUBJECTS))('%s', (name, { create, base, required, accepted }) => {
  const props = Object.keys(accepted);
  const cases = props.flatMap((prop) => (Object.keys(VALUES) as Kind[]).map((kind) => [prop, kind] as const));
  const isAccepted = ([prop, kind]: (typeof cases)[number]): boolean => accepted[prop]?.includes(kind) === true;

  test.each(cases.filter((row) => !isAccepted(row)))('refuses %s of the kind %s', (prop, kind) => {
    const wrong = { ...base(stack, prop), [prop]: VALUES[kind].value };
    expectRefused(() => create(stack, wrong), prop, VALUES[kind].shown);
  });

  const valid = cases.filter(isAccepted);
  if (valid.length > 0) {
    test.each(valid)('accepts %s of the kind %s', (prop, kind) => {
      expect(errorOf(() => create(stack, { ...base(stack, prop), [prop]: VALUES[kind].value }))).toBeUndefined();
    });
  }

  test('accepts undefined for an optional prop, and refuses it for a required prop', () => {
    const undefinedProps = Object.fromEntries(props.map((prop) => [prop, undefined]));
    expect(errorOf(() => create(stack, { ...undefinedProps, ...base(stack) }))).toBeUndefined();
    for (const prop of required) {
      const scope = newStack();
      expectRefused(() => create(scope, { ...base(scope), [prop]: undefined }), prop, /: Missing\. /);
    }
  });

  // The version of the CDK decides which props a stack has.
  if (name !== 'RotationStack') {
    test('refuses a prop that does not exist', () => {
      const [prop = ''] = props;
      const wrong = { ...base(stack), [`${prop}s`]: undefined };
      expectRefused(() => create(stack, wrong), `${prop}s`, new RegExp(`Did you mean ${prop}\\?`));
      const scope = newStack();
      expectRefused(() => create(scope, { ...base(scope), toString: 1 }), 'toString', /Allowed: .*\./);
    });
  }

  test.each([[null], [5], ['text'], [[]]])('refuses %j instead of the props', (value) => {
    expectRefused(() => create(stack, value as unknown as Record<string, unknown>), 'props', /null|5|a string|a list/);
  });
});

/** For each argument of each method, the kinds of values that the method accepts. */
const METHODS: Readonly<Record<string, Readonly<Record<string, readonly Kind[]>>>> = {
  allowRotationOf: { secret: [], encryptionKey: [] },
  pin: { scope: [], secret: [], target: ['map'] },
  pinNew: { secret: [], target: ['map'] },
  checkEndpoint: { scope: [], endpoint: [] },
  checkName: { scope: [], name: ['text'] },
  metricStepFailed: { props: ['map'] },
  metricFailureByCode: { code: [], props: ['map'] },
  metricStepDuration: { step: [], props: ['map'] },
};

describe.each<[string, (scope: Construct) => IRotationFunction]>([
  ['a function of this app', (scope) => new RotationFunction(scope, 'It')],
  [
    'a deployed function',
    (scope) =>
      RotationFunction.fromRotationFunctionAttributes(scope, 'It', {
        functionArn: 'arn:aws:lambda:us-west-2:123456789012:function:rotation',
      }),
  ],
])('a method of %s', (_, create) => {
  const valid = (): Readonly<Record<string, unknown>> => ({
    scope: stack,
    secret: Secret.fromSecretNameV2(stack, 'Secret', 'orders'),
    target: { endpoint: ENDPOINT, username: 'orders' },
    endpoint: ENDPOINT,
    code: 'CLUSTER_UNREACHABLE',
    step: 'setSecret',
  });
  const call = (method: string, given: Readonly<Record<string, unknown>>) => (): unknown => {
    const fn = create(stack) as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
    return fn[method]?.(...Object.keys(METHODS[method] ?? {}).map((argument) => given[argument]));
  };
  const cases = Object.entries(METHODS).flatMap(([method, args]) =>
    Object.entries(args).flatMap(([argument, accepted]) =>
      (Object.keys(VALUES) as Kind[]).map((kind) => [method, argument, kind, accepted.includes(kind)] as const),
    ),
  );

  test.each(cases.filter(([, , , accepted]) => !accepted))(
    'refuses: %s, %s of the kind %s',
    (method, argument, kind) => {
      expectRefused(
        call(method, { ...valid(), [argument]: VALUES[kind].value }),
        argument,
        argument === 'endpoint' || argument === 'target' ? /./ : VALUES[kind].shown,
      );
    },
  );

  test.each(Object.keys(METHODS))('accepts valid arguments, and refuses that they are absent: %s', (method) => {
    expect(errorOf(call(method, valid()))).toBeUndefined();
    const [argument = ''] = Object.keys(METHODS[method] ?? {});
    stack = newStack();
    if (argument !== 'props') {
      expectRefused(call(method, {}), argument, /: Missing\. /);
    }
  });

  test('is in the table', () => {
    const methods = [RotationFunction.prototype, Object.getPrototypeOf(RotationFunction.prototype) as object]
      .flatMap((prototype) => Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      .flatMap(([name, { value }]) => (typeof value === 'function' && name !== 'constructor' ? [name] : []));
    expect([...new Set(methods)].toSorted()).toEqual(Object.keys(METHODS).toSorted());
  });
});

test('every construct of the package is in the table', () => {
  const classes = Object.entries(api).flatMap(([name, value]) =>
    typeof value === 'function' && /^class\b/.test(String(value)) && !name.endsWith('Error') ? [name] : [],
  );
  const covered = new Set(Object.keys(SUBJECTS).map((name) => name.split('.')[0]));
  expect(classes.length).toBeGreaterThan(6);
  expect(classes.filter((name) => !covered.has(name))).toEqual([]);
});
