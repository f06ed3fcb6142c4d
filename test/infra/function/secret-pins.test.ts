import { CfnParameter, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { createPinsReader } from '../../../lambda/pins.ts';
import { readConfig } from '../../../protocol/rotation/function-config.ts';
import { requireEntry } from '../../../protocol/rotation/require-entry.ts';
import {
  isRotated,
  type SecretTarget,
  type SecretTargets,
  targetFor,
} from '../../../protocol/secret/rotated-secrets.ts';
import {
  appWithoutBundles,
  ENDPOINT,
  propertiesOf,
  templateOf,
  templateOfConfiguration,
  withoutAssetHashes,
} from '../support/templates.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/search-Ab12Cd';
const PLACE = { account: '444455556666', region: 'us-east-1' };
const arnOf = (name: string, account = PLACE.account): string =>
  `arn:aws:secretsmanager:us-east-1:${account}:secret:${name}-Ab12Cd`;

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

/** The pins that the deployed function reads for a secret with this name, in these templates. */
async function targetsIn(templates: readonly Template[], name: string): Promise<SecretTargets> {
  const [functionTemplate] = templates;
  const readSecret = (pins: string): Promise<string> => {
    const texts = templates.flatMap((template) =>
      propertiesOf(template, 'AWS::SecretsManager::Secret')
        .filter(({ Name }) => Name === pins)
        .map(({ SecretString }) => evaluated(SecretString, template, name) as string),
    );
    expect(texts).toHaveLength(1);
    return Promise.resolve(texts.join(''));
  };
  const config = readConfig(environmentIn(functionTemplate as Template, name));
  return await createPinsReader(config.pins, readSecret)(name, { step: 'createSecret', token: 't1' });
}

/** What the deployed function reads about the only secret, which has this name. */
async function targetIn(template: Template, name: string, account?: string): Promise<SecretTarget> {
  return targetFor({ arn: arnOf(name, account), name }, await targetsIn([template], name), PLACE);
}

test('ROTATED_SECRETS names secrets by full ARN, by name, and by the ARN of a new secret', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction');
    rotationFunction.allowRotationOf(Secret.fromSecretCompleteArn(scope, 'B', ARN));
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'A', 'milvus/orders'));
    new CredentialRotation(scope, 'New', { rotationFunction, endpoint: ENDPOINT, username: 'u' });
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
    const rotationFunction = new RotationFunction(stack, 'RotationFunction', { secretAccounts });
    rotationFunction.allowRotationOf(Secret.fromSecretCompleteArn(stack, 'Search', ARN));
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders'));
    expect(environmentIn(Template.fromStack(stack))['ROTATED_SECRETS']).toBe(expected);
  },
);

test('the function reads the endpoint and user of existing secrets, in whatever order the file has them', async () => {
  const entries = [
    `{arn: "${ARN}", username: search}`,
    `{name: milvus/orders, endpoint: "${ENDPOINT}", username: orders}`,
  ];
  const readFrom = async (lines: readonly string[]): Promise<string> => {
    const template = templateOfConfiguration(`secrets: [${lines.join(', ')}, {name: milvus/billing}]`);
    return JSON.stringify(await targetsIn([template], 'milvus/orders'));
  };
  expect(JSON.parse(await readFrom(entries))).toEqual({
    'milvus/billing': {},
    'milvus/orders': { endpoint: ENDPOINT, username: 'orders' },
    'milvus/search': { username: 'search' },
  });
  expect(await readFrom(entries.toReversed())).toBe(await readFrom(entries));
});

test.each(['milvus/orders', 'milvus/orders-reader'])(
  'a pin for %s of another account is for that secret only',
  async (name) => {
    const stack = new Stack(appWithoutBundles(), 'Test', { env: PLACE });
    const rotationFunction = new RotationFunction(stack, 'RotationFunction', { secretAccounts: ['111122223333'] });
    const secret = Secret.fromSecretPartialArn(stack, 'Orders', arnOf(name, '111122223333').slice(0, -7));
    rotationFunction.allowRotationOf(secret);
    rotationFunction.pin(stack, secret, { endpoint: ENDPOINT, username: 'orders' });
    const template = Template.fromStack(stack);
    const config = readConfig(environmentIn(template));
    expect(await targetIn(template, name, '111122223333')).toEqual({ endpoint: ENDPOINT, username: 'orders' });
    expect(await targetIn(template, name, '444455556666')).toEqual({});
    expect(isRotated(arnOf(name, '111122223333'), config.rotatedSecrets ?? [], PLACE)).toBe(true);
  },
);

describe('a new secret is pinned to its endpoint and user', () => {
  const target = { endpoint: ENDPOINT, username: 'orders' };
  const withAdmin = (scope: Construct, props: RotationFunctionProps = {}): RotationFunction =>
    new RotationFunction(scope, 'RotationFunction', {
      ...props,
      adminSecret: Secret.fromSecretNameV2(scope, 'Admin', 'milvus-admin'),
    });
  const templateWith = (props: (scope: Construct) => CredentialRotationProps): Template =>
    templateOf(
      (scope) =>
        new CredentialRotation(scope, 'Orders', { ...target, rotationFunction: withAdmin(scope), ...props(scope) }),
    );

  test.each<[string, string, (scope: Construct) => CredentialRotationProps]>([
    ['by its name', 'milvus/orders', () => ({ secretName: 'milvus/orders' })],
    ['by a name that CloudFormation generates', 'Test-Orders-a1B2c3', () => ({})],
    ['by a name that is a parameter', 'any', (at) => ({ secretName: new CfnParameter(at, 'Name').valueAsString })],
  ])('%s', async (_, name, props) => {
    expect(await targetIn(templateWith(props), name)).toEqual(target);
  });

  test.each([{}, { secretNamePrefix: 'milvus/' }])('of another stack: %j', async (props) => {
    const app = appWithoutBundles();
    const functionStack = new Stack(app, 'Function');
    const rotationFunction = new RotationFunction(functionStack, 'RotationFunction', props);
    const secretStack = new Stack(app, 'Secret');
    new CredentialRotation(secretStack, 'Orders', { ...target, rotationFunction, secretName: 'milvus/orders' });
    expect(await targetIn(Template.fromStack(functionStack), 'milvus/orders')).toEqual(target);
  });
});

test.each<[string, (scope: Construct) => ISecret]>([
  ['of the same stack', (scope) => new Secret(scope, 'Secret') as ISecret],
  [
    'whose ARN is a parameter',
    (at) => Secret.fromSecretCompleteArn(at, 'Secret', new CfnParameter(at, 'Arn').valueAsString),
  ],
  [
    'whose name is a parameter',
    (at) => Secret.fromSecretNameV2(at, 'Secret', new CfnParameter(at, 'Name').valueAsString),
  ],
])('a secret that is known at deployment only is pinned: one %s', async (_, secret) => {
  const pinned = { endpoint: ENDPOINT, usernames: ['orders_a', 'orders_b'] } as const;
  const template = templateOf((scope) => new CredentialRotation(scope, 'Orders', { ...pinned, secret: secret(scope) }));
  expect(await targetIn(template, 'Test-Orders-a1B2c3')).toEqual(pinned);
});

test.each(['single-user', 'alternating-users', 'api-key'] as const)(
  'a secret is pinned to its API key, also if the strategy of the function is %s',
  async (strategy) => {
    const template = templateOf((scope) => {
      const managerSecret = Secret.fromSecretNameV2(scope, 'Manager', 'zilliz-manager');
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', { strategy, managerSecret });
      const secret = Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders');
      new CredentialRotation(scope, 'Orders', { rotationFunction, secret, endpoint: ENDPOINT, apiKeyId: 'key-1' });
    });
    expect(await targetIn(template, 'milvus/orders')).toEqual({ endpoint: ENDPOINT, apiKeyId: 'key-1' });
  },
);

describe('two users', () => {
  const usernames = ['orders_a', 'orders_b'] as const;
  const two: CredentialRotationProps = { strategy: 'alternating-users', endpoint: ENDPOINT, usernames };
  const existing = (scope: Construct) => ({ secret: Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders') });
  const fresh = () => ({ secretName: 'milvus/orders' });

  test.each<[string, (scope: Construct) => CredentialRotationProps]>([
    ['an existing secret', existing],
    ['a new secret', fresh],
  ])('of %s are pinned with the endpoint, also if the function has the strategy', async (_, source) => {
    const pinned = { endpoint: ENDPOINT, usernames };
    const own = templateOf((scope) => new CredentialRotation(scope, 'Orders', { ...source(scope), ...two }));
    expect(await targetIn(own, 'milvus/orders')).toEqual(pinned);
    const inherited = templateOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', { strategy: 'alternating-users' });
      new CredentialRotation(scope, 'Orders', { ...source(scope), ...pinned, rotationFunction });
    });
    expect(await targetIn(inherited, 'milvus/orders')).toEqual(pinned);
  });
});

test('the function and each schedule are created after the pins and the permission to read them', () => {
  const { Resources } = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction');
    for (const username of ['orders', 'search']) {
      const secret = Secret.fromSecretNameV2(scope, `Secret-${username}`, username);
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
  async function targetDuring(functionOf: Template, pinsOf: Template, name: string): Promise<SecretTarget> {
    const { pins } = readConfig(environmentIn(functionOf));
    const secret = { arn: arnOf(name), name };
    return requireEntry(secret, await targetsIn([pinsOf], name), { pins, functionPlace: PLACE });
  }

  test('so the function refuses a secret whose entry is gone, before it loses the permission', async () => {
    const [before, after] = [templateWith(orders, search), templateWith(search)];
    expect(await targetDuring(before, before, 'milvus/orders')).toEqual({ endpoint: ENDPOINT, username: 'orders' });
    await expect(targetDuring(before, after, 'milvus/orders')).rejects.toThrow(/^SECRET_NOT_CONFIGURED/);
  });

  test('and rotates each secret that stays, also one that nothing pins', async () => {
    const [before, after] = [templateWith(search), templateWith(orders, search)];
    expect(await targetDuring(before, after, 'milvus/search')).toEqual({});
    expect(await targetDuring(after, after, 'milvus/search')).toEqual({});
  });

  test.each([1, 2])(
    'and rotates a secret that nothing pins while secretNamePrefix is added to %i parts',
    async (pinSecrets) => {
      const [before, after] = [{}, { secretNamePrefix: 'milvus/' }].map((folder) =>
        templateOf((scope) => {
          const rotationFunction = new RotationFunction(scope, 'RotationFunction', { pinSecrets, ...folder });
          rotationFunction.pin(scope, Secret.fromSecretNameV2(scope, 'Billing', 'milvus/billing'), {
            username: 'billing',
          });
          rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'Search', 'milvus/search'));
        }),
      );
      expect(await targetDuring(before as Template, after as Template, 'milvus/search')).toEqual({});
    },
  );
});

test.each<[string, (scope: Construct) => readonly [ISecret, ISecret]]>([
  ['both by name', (at) => [byName(at, 'A'), byName(at, 'B')]],
  ['one by name', (at) => [byName(at, 'A'), byArn(at, 'B')]],
  ['both by ARN', (at) => [byArn(at, 'A'), byArn(at, 'B')]],
])('a secret with two constructs keeps the pin that one of them has: %s', async (_, constructs) => {
  for (const isFirst of [true, false]) {
    const template = templateOf((scope) => {
      new CfnParameter(scope, 'Arn');
      const rotationFunction = new RotationFunction(scope, 'RotationFunction');
      const [a, b] = constructs(scope);
      const [pinned, listed] = isFirst ? [a, b] : [b, a];
      rotationFunction.allowRotationOf(listed);
      rotationFunction.pin(scope, pinned, { username: 'orders' });
      rotationFunction.allowRotationOf(listed);
    });
    expect(await targetIn(template, 'milvus/orders')).toEqual({ username: 'orders' });
  }
});

function byName(scope: Construct, id: string): ISecret {
  return Secret.fromSecretNameV2(scope, id, 'milvus/orders');
}

/** A secret whose ARN is a parameter. */
function byArn(scope: Construct, id: string): ISecret {
  return Secret.fromSecretCompleteArn(scope, id, Fn.ref('Arn'));
}

test('a function in a nested stack finds its pins by the name of that stack', () => {
  const stack = new Stack(appWithoutBundles(), 'Test');
  const nested = new NestedStack(stack, 'Nested');
  new CredentialRotation(nested, 'Orders', { endpoint: ENDPOINT, username: 'orders', secretName: 'milvus/orders' });
  const template = Template.fromStack(nested);
  const [name] = propertiesOf(template, 'AWS::SecretsManager::Secret').flatMap(({ SecretString, Name }) =>
    SecretString === undefined ? [] : [JSON.stringify(Name)],
  );
  expect(name).toContain('zilliz-rotation-pins/');
  expect(name).toContain('AWS::StackName');
});

test('a stack that moves into a stage keeps its resources', () => {
  const [before, after] = [appWithoutBundles(), new Stage(appWithoutBundles(), 'Production')].map((scope) => {
    const stack = new Stack(scope, 'Team', { stackName: 'team' });
    new CredentialRotation(stack, 'Orders', { endpoint: ENDPOINT, username: 'orders', secretName: 'milvus/orders' });
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
    const rotationFunction = new RotationFunction(stack, 'RotationFunction', { secretNamePrefix: 'milvus/' });
    prepare(rotationFunction);
    const pin = (index: number, name = `milvus/${index}-`.padEnd(512, 'x')): void =>
      rotationFunction.pin(stack, Secret.fromSecretNameV2(stack, `S${index}`, name), { username: 'orders' });
    for (let index = 0; index < 120; index++) {
      pin(index);
    }
    expect(stack.node.findAll().flatMap(({ node }) => node.validate())).toEqual([]);
    pin(120, new CfnParameter(stack, 'Name').valueAsString);
    for (let index = 121; index < 130; index++) {
      pin(index);
    }
    const problems = stack.node.findAll().flatMap(({ node }) => node.validate());
    expect(problems).toEqual([expect.stringMatching(new RegExp(`at least 6\\d{4} bytes.* 65536\\. Set ${advice}`))]);
  },
);
