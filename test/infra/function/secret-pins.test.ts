import { Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import {
  CredentialRotation,
  type CredentialRotationProps,
  RotationFunction,
  type RotationFunctionProps,
} from '../../../infra/index.ts';
import { createPinsReader } from '../../../lambda/pins.ts';
import { requireEntry } from '../../../protocol/rotation/configured-secrets.ts';
import { readConfig } from '../../../protocol/rotation/function-config.ts';
import {
  findPins,
  isRotated,
  type Pins,
  type PinsBySecret,
  STRATEGY_NAMES,
} from '../../../protocol/secret/rotated-secrets.ts';
import {
  appWithoutBundles,
  ENDPOINT,
  propertiesOf,
  templateOf,
  templateOfConfiguration,
  withoutAssetHashes,
} from '../support/templates.ts';

const NAME = 'milvus/orders';
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/search-Ab12Cd';
const PLACE = { account: '444455556666', region: 'us-east-1' };
const FUNCTION_ARN = `arn:aws:lambda:${PLACE.region}:${PLACE.account}:function:rotation`;
const arnOf = (name: string, account = PLACE.account): string =>
  `arn:aws:secretsmanager:us-east-1:${account}:secret:${name}-Ab12Cd`;

const USER = { endpoint: ENDPOINT, username: 'orders' };
const PAIR = { endpoint: ENDPOINT, usernames: ['orders_a', 'orders_b'] } as const;
const KEY = { endpoint: ENDPOINT, apiKeyId: 'key-1' };

const byName = (scope: Construct, id = 'Secret', name = NAME): ISecret => Secret.fromSecretNameV2(scope, id, name);
/** A secret whose ARN is a parameter. */
const byArn = (scope: Construct, id = 'Secret'): ISecret => Secret.fromSecretCompleteArn(scope, id, Fn.ref('Arn'));
const rotate = (scope: Construct, props: CredentialRotationProps): unknown =>
  new CredentialRotation(scope, 'Orders', props);
const functionIn = (scope: Construct, props: RotationFunctionProps = {}): RotationFunction =>
  new RotationFunction(scope, 'RotationFunction', props);

/** Evaluates a part of the template. Each secret of the stack has the name. */
function evaluated(part: unknown, template: Template, name = ''): unknown {
  const pseudo = { 'AWS::Partition': 'aws', 'AWS::Region': PLACE.region, 'AWS::AccountId': PLACE.account };
  const ids = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
  const parameters = { Name: name, Arn: arnOf(name) };
  return evaluate(part, {}, { ...pseudo, ...parameters, ...Object.fromEntries(ids.map((id) => [id, arnOf(name)])) });
}

/** The environment of the rotation function. */
function environmentIn(template: Template, name = ''): Record<string, string> {
  const [fn] = propertiesOf(template, 'AWS::Lambda::Function');
  return evaluated(fn?.['Environment'].Variables, template, name) as Record<string, string>;
}

/** The pins that the function of a deployment reads for a secret, in the template of another. */
async function allPinsIn(template: Template, name: string, functionOf = template): Promise<PinsBySecret> {
  const readSecret = (pins: string): Promise<string> => {
    const [found, ...others] = propertiesOf(template, 'AWS::SecretsManager::Secret').filter(
      (at) => at['Name'] === pins,
    );
    expect(others).toEqual([]);
    return Promise.resolve(evaluated(found?.['SecretString'], template, name) as string);
  };
  const { pins } = readConfig(environmentIn(functionOf, name));
  return await createPinsReader(pins, readSecret)(name, { step: 'createSecret', token: 't1' });
}

/** What the deployed function reads about the only secret, which has this name. */
async function pinsIn(template: Template, name = NAME, account?: string): Promise<Pins> {
  return findPins({ arn: arnOf(name, account), name }, await allPinsIn(template, name), FUNCTION_ARN) ?? {};
}

test('ROTATED_SECRETS names secrets by full ARN, by name, and by the ARN of a new secret', () => {
  const template = templateOf((scope) => {
    const rotationFunction = functionIn(scope);
    rotationFunction.allowRotationOf(Secret.fromSecretCompleteArn(scope, 'B', ARN));
    rotationFunction.allowRotationOf(byName(scope, 'A'));
    rotate(scope, { rotationFunction, ...USER });
  });
  expect(environmentIn(template, 'new')['ROTATED_SECRETS']).toBe(
    'milvus/orders-??????,milvus/search-Ab12Cd,new-Ab12Cd',
  );
});

test.each([
  ['the account of the function', '123456789012', [], 'milvus/orders-??????,milvus/search-Ab12Cd'],
  ['another account', '444455556666', [], 'milvus/orders-??????,123456789012:milvus/search-Ab12Cd'],
  ['an unknown account', undefined, [], 'milvus/orders-??????,milvus/search-Ab12Cd'],
  ['a named account', undefined, ['123456789012'], 'milvus/orders-??????,123456789012:milvus/search-Ab12Cd'],
])(
  'ROTATED_SECRETS names the account of a secret only where it differs: %s',
  (_, account, secretAccounts, expected) => {
    const stack = new Stack(appWithoutBundles(), 'Test', account === undefined ? {} : { env: { account } });
    const rotationFunction = functionIn(stack, { secretAccounts });
    rotationFunction.allowRotationOf(Secret.fromSecretCompleteArn(stack, 'Search', ARN));
    rotationFunction.allowRotationOf(byName(stack, 'Orders'));
    expect(environmentIn(Template.fromStack(stack))['ROTATED_SECRETS']).toBe(expected);
  },
);

test('ROTATED_SECRETS names the account of a secret whose account is unknown at synth', () => {
  const template = templateOf((scope) => {
    functionIn(scope, { secretAccounts: [PLACE.account] }).allowRotationOf(byArn(scope));
  });
  expect(environmentIn(template, 'orders')['ROTATED_SECRETS']).toBe(`${PLACE.account}:orders-Ab12Cd`);
});

test('the function reads the endpoint and user of existing secrets, in whatever order the file has them', async () => {
  const entries = [
    `{arn: "${ARN}", username: search}`,
    `{name: milvus/orders, endpoint: "${ENDPOINT}", username: orders}`,
  ];
  const readFrom = async (lines: readonly string[]): Promise<string> => {
    const template = templateOfConfiguration(`secrets: [${lines.join(', ')}, {name: milvus/billing}]`);
    return JSON.stringify(await allPinsIn(template, NAME));
  };
  expect(JSON.parse(await readFrom(entries))).toEqual({
    'milvus/billing': {},
    'milvus/orders': USER,
    'milvus/search': { username: 'search' },
  });
  expect(await readFrom(entries.toReversed())).toBe(await readFrom(entries));
});

test.each([NAME, 'milvus/orders-reader'])('a pin for %s of another account is for that secret only', async (name) => {
  const account = '111122223333';
  const stack = new Stack(appWithoutBundles(), 'Test', { env: PLACE });
  const rotationFunction = functionIn(stack, { secretAccounts: [account] });
  const secret = Secret.fromSecretPartialArn(stack, 'Orders', arnOf(name, account).slice(0, -7));
  rotationFunction.allowRotationOf(secret);
  rotationFunction.pin(stack, secret, USER);
  const template = Template.fromStack(stack);
  expect(await pinsIn(template, name, account)).toEqual(USER);
  expect(await pinsIn(template, name, PLACE.account)).toEqual({});
  const { rotatedSecrets = [] } = readConfig(environmentIn(template));
  expect(isRotated(arnOf(name, account), rotatedSecrets, FUNCTION_ARN)).toBe(true);
});

/** Pins without the strategy, which they tell. */
type PinProps = Pick<CredentialRotationProps, 'endpoint' | 'username' | 'usernames' | 'apiKeyId'>;

test.each<[string, PinProps, (scope: Construct) => CredentialRotationProps, string?]>([
  ['a new secret', USER, () => ({ secretName: NAME })],
  ['a new secret whose name CloudFormation generates', USER, () => ({}), 'Test-Orders-a1B2c3'],
  ['a new secret whose name is a parameter', USER, () => ({ secretName: Fn.ref('Name') }), 'any'],
  ['a secret of the same stack', PAIR, (scope) => ({ secret: new Secret(scope, 'Secret') as ISecret }), 'generated'],
  ['a secret whose ARN is a parameter', PAIR, (scope) => ({ secret: byArn(scope) }), 'any'],
  ['a secret whose name is a parameter', PAIR, (scope) => ({ secret: byName(scope, 'S', Fn.ref('Name')) }), 'any'],
  ['two users of an existing secret', PAIR, (scope) => ({ strategy: 'alternating-users', secret: byName(scope) })],
  ['two users of a new secret', PAIR, () => ({ strategy: 'alternating-users', secretName: NAME })],
])('the function reads the pins of %s', async (_, pins, props, name) => {
  const template = templateOf((scope) => rotate(scope, { ...pins, ...props(scope) }));
  expect(await pinsIn(template, name)).toEqual(pins);
});

test.each<[PinProps, RotationFunctionProps]>([
  ...STRATEGY_NAMES.map((strategy): [PinProps, RotationFunctionProps] => [KEY, { strategy }]),
  [PAIR, { strategy: 'alternating-users' }],
  [USER, {}],
  [USER, { secretNamePrefix: 'milvus/' }],
])('the pins %j are in the stack of the function, also if that has %j', async (pins, props) => {
  const app = appWithoutBundles();
  const [functionStack, stack] = [new Stack(app, 'Function'), new Stack(app, 'Secret')];
  const rotationFunction = functionIn(functionStack, {
    managerSecret: byName(functionStack, 'M', 'manager'),
    ...props,
  });
  rotate(stack, { ...pins, secret: byName(stack), rotationFunction });
  expect(await pinsIn(Template.fromStack(functionStack))).toEqual(pins);
});

test('the function and each schedule are created after the pins and the permission to read them', () => {
  const { Resources } = templateOf((scope) => {
    const rotationFunction = functionIn(scope);
    for (const username of ['orders', 'search']) {
      const secret = byName(scope, `Secret-${username}`, username);
      new CredentialRotation(scope, username, { rotationFunction, secret, endpoint: ENDPOINT, username });
    }
  }).toJSON() as { Resources: Record<string, { Type: string; DependsOn?: string[] }> };
  const waiting = Object.values(Resources).filter(({ Type }) => /Lambda::Function$|RotationSchedule$/.test(Type));
  expect(waiting).toHaveLength(3);
  for (const { Type, DependsOn } of waiting) {
    const parts = DependsOn?.map((id) => id.replace(/^RotationFunction|[0-9A-F]{8}$/g, ''));
    expect(parts, Type).toEqual(expect.arrayContaining(['Pins', 'ReadPins']));
  }
});

describe('a deployment changes the pins before the function', () => {
  const orders = `{name: milvus/orders, endpoint: "${ENDPOINT}", username: orders}`;
  const search = '{name: milvus/search}';
  const templateWith = (...entries: readonly string[]): Template =>
    templateOfConfiguration(`secrets: [{name: milvus/billing, username: billing}, ${entries.join(', ')}]`);

  /** What the function of one deployment decides about a secret with the pins of another. */
  async function pinsDuring(functionOf: Template, pinsOf: Template, name: string): Promise<Pins> {
    const config = readConfig(environmentIn(functionOf));
    const pins = await allPinsIn(pinsOf, name, functionOf);
    return requireEntry({ arn: arnOf(name), name }, pins, { config, functionArn: FUNCTION_ARN }).pins;
  }

  test('so the function refuses a secret whose entry is gone, before it loses the permission', async () => {
    const [before, after] = [templateWith(orders, search), templateWith(search)];
    expect(await pinsDuring(before, before, NAME)).toEqual(USER);
    await expect(pinsDuring(before, after, NAME)).rejects.toThrow(/^SECRET_NOT_CONFIGURED/);
  });

  test('and it rotates the other secrets meanwhile, also one that nothing pins', async () => {
    const [before, after] = [templateWith(search), templateWith(orders, search)];
    expect(await pinsDuring(before, after, 'milvus/search')).toEqual({});
    expect(await pinsDuring(after, after, 'milvus/search')).toEqual({});
  });

  test.each([1, 2])(
    'and rotates a secret that nothing pins while secretNamePrefix is added to %i parts',
    async (parts) => {
      const withPrefix = (props: RotationFunctionProps): Template =>
        templateOf((scope) => {
          const rotationFunction = functionIn(scope, { pinSecrets: parts, ...props });
          rotationFunction.pin(scope, byName(scope, 'Billing', 'milvus/billing'), { username: 'billing' });
          rotationFunction.allowRotationOf(byName(scope, 'Search', 'milvus/search'));
        });
      const [before, after] = [withPrefix({}), withPrefix({ secretNamePrefix: 'milvus/' })];
      expect(await pinsDuring(before, after, 'milvus/search')).toEqual({});
    },
  );
});

test.each<[string, (scope: Construct) => readonly [ISecret, ISecret]]>([
  ['both by name', (at) => [byName(at, 'A'), byName(at, 'B')]],
  ['one by name', (at) => [byName(at, 'A'), byArn(at, 'B')]],
  ['the other by name', (at) => [byArn(at, 'A'), byName(at, 'B')]],
  ['both by ARN', (at) => [byArn(at, 'A'), byArn(at, 'B')]],
])('a secret with two constructs keeps the pin that one of them has: %s', async (_, constructs) => {
  for (const pinned of [0, 1]) {
    const template = templateOf((scope) => {
      const rotationFunction = functionIn(scope);
      const secrets = constructs(scope);
      rotationFunction.allowRotationOf(secrets[1 - pinned] as ISecret);
      rotationFunction.pin(scope, secrets[pinned] as ISecret, { username: 'orders' });
      rotationFunction.allowRotationOf(secrets[1 - pinned] as ISecret);
    });
    expect(await pinsIn(template)).toEqual({ username: 'orders' });
  }
});

test('a secret whose construct path is the name of another secret keeps its own entry', async () => {
  const stack = new Stack(appWithoutBundles(), 'milvus');
  const rotationFunction = functionIn(stack);
  rotationFunction.pin(stack, byArn(stack, 'orders'), { username: 'search' });
  rotationFunction.allowRotationOf(byName(stack));
  expect(await allPinsIn(Template.fromStack(stack), 'search')).toEqual({
    [NAME]: {},
    [`${PLACE.account}:secret:search-Ab12Cd`]: { username: 'search' },
  });
});

test('a function in a nested stack finds its pins by the name of that stack', () => {
  const nested = new NestedStack(new Stack(appWithoutBundles(), 'Test'), 'Nested');
  rotate(nested, { ...USER, secretName: NAME });
  const names = propertiesOf(Template.fromStack(nested), 'AWS::SecretsManager::Secret').map(({ Name }) =>
    JSON.stringify(Name),
  );
  expect(names).toContainEqual(expect.stringMatching(/zilliz-rotation-pins\/.*AWS::StackName/));
});

test('a stack that moves into a stage keeps its resources', () => {
  const [before, after] = [appWithoutBundles(), new Stage(appWithoutBundles(), 'Production')].map((scope) => {
    const stack = new Stack(scope, 'Team', { stackName: 'team' });
    rotate(stack, { ...USER, secretName: NAME });
    return withoutAssetHashes(Template.fromStack(stack));
  });
  expect(after).toBe(before);
});

test.each([
  ['pinSecrets .* to more than 1', (fn: RotationFunction) => fn],
  ['stacks to more than 1', (fn: RotationFunction) => fn.dividePins([Stack.of(fn)])],
])(
  'pins that do not fit into a secret are refused at synth, also if its name is unknown: set %s',
  (advice, prepare) => {
    const stack = new Stack(appWithoutBundles(), 'Test');
    const rotationFunction = functionIn(stack, { secretNamePrefix: 'milvus/' });
    prepare(rotationFunction);
    const pin = (index: number, name = `milvus/${index}-`.padEnd(512, 'x')): void =>
      rotationFunction.pin(stack, byName(stack, `S${index}`, name), { username: 'orders' });
    const problems = (): string[] => stack.node.findAll().flatMap(({ node }) => node.validate());
    for (let index = 0; index < 120; index++) {
      pin(index);
    }
    expect(problems()).toEqual([]);
    pin(120, Fn.ref('Name'));
    for (let index = 121; index < 130; index++) {
      pin(index);
    }
    expect(problems()).toEqual([expect.stringMatching(new RegExp(`at least 6\\d{4} bytes.* 65536\\. Set ${advice}`))]);
  },
);
