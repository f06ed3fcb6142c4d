import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import { spread } from '../../infra/rules/schedule-rules.ts';
import { rotationStacks } from '../../infra/stack/rotation-stack.ts';
import { partOf } from '../../protocol/secret/pins.ts';
import {
  appWithoutBundles,
  ENDPOINT,
  propertiesOf,
  statementsIn,
  templateOf,
  withoutAssetHashes,
} from './support/templates.ts';

const HEAD = `
function: {secretNamePrefix: milvus/, adminSecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-Ab12Cd", managerSecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:manager-Ab12Cd"}
defaults: {schedule: cron(0 1 ? * SUN *), duration: 1h, spreadHours: 5}
stacks: 8
tags: {team: search}
secrets:
`;
const PINS_STACK = 'zilliz-secret-rotation-pins-0';
const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `milvus/user-${index}`);

function stacksIn(text: string): Stack[] {
  return rotationStacks(appWithoutBundles(), parseConfiguration(text, 'rotation.yaml'));
}

function stacksOf(names: readonly string[]): Stack[] {
  return stacksIn(`${HEAD}${names.map((name) => `  - name: ${name}\n`).join('')}`);
}

const templatesIn = (stacks: readonly Stack[]): Map<string, string> =>
  new Map(stacks.map((stack) => [stack.stackName, withoutAssetHashes(Template.fromStack(stack))]));
const templatesOf = (names: readonly string[]): Map<string, string> => templatesIn(stacksOf(names));

test.each([
  'name: milvus/newcomer',
  `name: milvus/newcomer, username: u, endpoint: "${ENDPOINT}"`,
  `create: milvus/newcomer, username: u, endpoint: "${ENDPOINT}"`,
  `name: milvus/newcomer, strategy: alternating-users, usernames: [u_a, u_b], endpoint: "${ENDPOINT}"`,
  `name: milvus/newcomer, apiKeyId: key-1, endpoint: "${ENDPOINT}"`,
])('a secret that is added changes its own stack and one secret with pins: %s', (newcomer) => {
  const others = namesOf(40).map((name) => `  - name: ${name}\n`);
  const before = templatesOf(namesOf(40));
  const after = templatesIn(stacksIn(`${HEAD}${others.join('')}  - {${newcomer}}\n`));
  const changed = [...after.keys()].filter((stack) => before.get(stack) !== after.get(stack));
  const part = partOf('milvus/newcomer', 8, 'stack');
  expect(changed).toEqual([PINS_STACK, `zilliz-secret-rotation-secrets-${part}`]);
  const resourcesIn = (templates: Map<string, string>): Record<string, unknown> =>
    (JSON.parse(templates.get(PINS_STACK) ?? '') as { Resources: Record<string, unknown> }).Resources;
  const [pinsBefore, pinsAfter] = [resourcesIn(before), resourcesIn(after)];
  const repinned = Object.keys(pinsAfter).filter((id) => !isDeepStrictEqual(pinsAfter[id], pinsBefore[id]));
  expect(repinned).toEqual([part === 0 ? 'Pins' : `Pins${part}`]);
});

test('eight parts of the pins share a stack, because pins that move between stacks would collide', () => {
  const stacks = stacksIn(`${HEAD.replace('stacks: 8', 'stacks: 9')}  - name: milvus/orders\n`);
  const partsIn = (stack: Stack | undefined): number =>
    stack === undefined ? 0 : propertiesOf(Template.fromStack(stack), 'AWS::SecretsManager::Secret').length;
  const names = [PINS_STACK, 'zilliz-secret-rotation-pins-1'];
  expect(names.map((name) => partsIn(stacks.find(({ stackName }) => stackName === name)))).toEqual([8, 1]);
});

test('a secret under another key of the function changes its own stack and no other', () => {
  const key = (digit: number): string =>
    `arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-12345678900${digit}`;
  const head = `function: {secretNamePrefix: milvus/, secretKmsKeyArns: ["${key(1)}", "${key(2)}"]}
defaults: {kmsKeyArn: "${key(0)}"}
stacks: 2
secrets:
  - {name: milvus/first, kmsKeyArn: "${key(1)}"}
`;
  const before = templatesIn(stacksIn(head));
  expect(before.get('zilliz-secret-rotation')).toContain(key(2));
  const after = templatesIn(
    stacksIn(`${head}  - {name: milvus/second, kmsKeyArn: "${key(2)}"}\n  - name: milvus/third\n`),
  );
  expect(after.get('zilliz-secret-rotation')).toBe(before.get('zilliz-secret-rotation'));
});

test('a stack without secrets stays in the app, so that a deployment deletes the former resources in it', () => {
  const ids = (names: readonly string[]): string[] => stacksOf(names).map(({ stackName }) => stackName);
  expect(ids(namesOf(1))).toEqual(ids(namesOf(40)));
  expect(ids(namesOf(1))).toHaveLength(1 + 1 + 8);
});

test('the order of the secrets does not matter', () => {
  const parsed = (names: readonly string[]): unknown =>
    Object.fromEntries([...templatesOf(names)].map(([stack, template]) => [stack, JSON.parse(template) as unknown]));
  expect(parsed(namesOf(20).toReversed())).toEqual(parsed(namesOf(20)));
});

test('the secrets of a fleet are distributed evenly over stacks and hours', () => {
  const names = namesOf(8000);
  const sizes = [...Map.groupBy(names, (name) => partOf(name, 8, 'stack')).values()].map(({ length }) => length);
  expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.25);
  const hours = Map.groupBy(names, (name) => spread('cron(0 1 ? * SUN *)', 5, name));
  expect([...hours.keys()].toSorted()).toEqual([1, 2, 3, 4, 5].map((hour) => `cron(0 ${hour} ? * SUN *)`));
  expect(Math.max(...[...hours.values()].map(({ length }) => length))).toBeLessThan(1800);
});

test('tags of the file are on the resources', () => {
  const [functionStack = ''] = templatesOf(namesOf(3)).values();
  expect(functionStack.match(/"Value": "search"/g)?.length).toBeGreaterThan(2);
});

/**
 * If the logical id of a secret changes, CloudFormation creates a new secret. If the logical id of
 * a schedule changes, CloudFormation creates the new schedule and then deletes the former one,
 * which turns the rotation off.
 */
test('the logical ids are those of logical-ids.json (after an intended change: npm run generate)', async () => {
  const text = readFileSync(new URL('./fixtures/every-key.yaml', import.meta.url), 'utf8');
  const configuration = parseConfiguration(text, 'rotation.yaml');
  const ids = rotationStacks(appWithoutBundles(), configuration).map((stack) => {
    const { Resources = {} } = Template.fromStack(stack).toJSON() as { Resources?: Record<string, { Type: string }> };
    return [stack.stackName, Object.fromEntries(Object.entries(Resources).map(([id, { Type }]) => [id, Type]))];
  });
  const json = `${JSON.stringify(Object.fromEntries(ids), null, 2)}\n`;
  await expect(json).toMatchFileSnapshot('./fixtures/logical-ids.json');
});

test('the pins are deployed before the function, and the function before the schedules', () => {
  const stacks = stacksOf(namesOf(40));
  // Synthesis finds the dependencies between stacks.
  templatesIn(stacks);
  const dependenciesOf = (stackName: string): string[] | undefined =>
    stacks.find((stack) => stack.stackName === stackName)?.dependencies.map((stack) => stack.stackName);
  expect(dependenciesOf(PINS_STACK)).toEqual([]);
  expect(dependenciesOf('zilliz-secret-rotation')).toEqual([PINS_STACK]);
  for (let part = 0; part < 8; part++) {
    expect(dependenciesOf(`zilliz-secret-rotation-secrets-${part}`)).toContain('zilliz-secret-rotation');
  }
});

test('each secret with pins is in its stack, and another number of stacks finds none', () => {
  const stacksFor = (count: number): Map<string, string> =>
    templatesIn(stacksIn(`${HEAD.replace('stacks: 8', `stacks: ${count}`)}  - name: milvus/a\n`));
  const namesIn = (templates: Map<string, string>): string[] =>
    [...templates.values()].flatMap((template) => template.match(/zilliz-rotation-pins\/[^"]*\/of-\d+\/\d+/g) ?? []);
  const before = namesIn(stacksFor(8));
  expect(before.length).toBeGreaterThan(7);
  expect(namesIn(stacksFor(9)).filter((name) => before.includes(name))).toEqual([]);
});

test('the function of a fleet refuses secrets without an entry, and that of one stack accepts them below the prefix', () => {
  const variableWith = (head: string): string =>
    [...templatesIn(stacksIn(`${head}  - name: milvus/a\n`)).values()].find((text) =>
      text.includes('SECRET_TARGETS'),
    ) ?? '';
  expect(variableWith(HEAD)).toMatch(/"SECRET_TARGETS": "pins:[^"]*:8:all"/);
  expect(variableWith(HEAD.replace('stacks: 8', ''))).not.toMatch(/:all"/);
});

test('with pinSecrets, the name of a secret decides which of them pins it', () => {
  const names = ['milvus/a', 'milvus/b', 'milvus/c', 'milvus/d'];
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'F', { secretNamePrefix: 'milvus/', pinSecrets: 2 });
    for (const name of names) {
      rotationFunction.pin(scope, Secret.fromSecretNameV2(scope, name, name), { username: 'app' });
    }
  });
  const held = propertiesOf(template, 'AWS::SecretsManager::Secret').map(({ Name, SecretString }) => [
    Name,
    Object.keys(JSON.parse(SecretString)),
  ]);
  const folder = 'zilliz-rotation-pins/Test/F/';
  const pinnedIn = (part: number): string[] => names.filter((name) => partOf(name, 2, 'stack') === part);
  expect(held).toEqual([0, 1].map((part) => [`${folder}2/${part}`, pinnedIn(part)]));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { SECRET_TARGETS: `pins:${folder}2:2` } },
  });
  // Not the pins of another function.
  expect(JSON.stringify(statementsIn(template, /ReadPins/))).toContain(`:secret:${folder}*"`);
});
