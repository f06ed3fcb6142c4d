import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { RestartEcsService } from '../../infra/rotation/restart-ecs-service.ts';
import { RotationStack } from '../../infra/stack/rotation-stack.ts';
import { ecsServiceIn } from './support/constructs.ts';
import { appWithoutBundles, statementsIn, templateOf } from './support/templates.ts';

const text = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const document = text('../../docs/security.md');

/** A function with customer managed keys, both secrets that it only reads, a VPC and monitoring. */
const configuration = parseConfiguration(text('fixtures/admin-secret.yaml'), 'admin-secret.yaml');
const template = Template.fromStack(new RotationStack(appWithoutBundles(), 'Everything', { configuration }));

/** The sorted actions that the policies of the matching roles allow. */
function allowedTo(role: RegExp, from: Template = template): string[] {
  const actions = statementsIn(from, role).flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []));
  return [...new Set(actions)].toSorted();
}

/** The sorted actions in the table below the comment of the page. */
function documentedFor(what: string, article = 'the'): string[] {
  const table = document.split(`<!-- permissions of ${article} ${what} -->`)[1]?.split('\n\n')[0] ?? '';
  const actions = [...table.matchAll(/`((?:logs|secretsmanager|ec2|kms|events|ecs|sqs):[A-Z]\w+)`/g)].map(
    ([, action = '']) => action,
  );
  return [...new Set(actions)].toSorted();
}

test('docs/security.md names exactly the actions of the rotation function', () => {
  const documented = documentedFor('rotation function');
  expect(documented.length).toBeGreaterThan(10);
  expect(documented).toEqual(allowedTo(/^RotationFunction(Role|ReadPins)/));
});

test('docs/security.md names exactly the actions of the check for overdue rotations', () => {
  expect(documentedFor('overdue check')).toEqual(allowedTo(/OverdueCheckRole/));
});

test('docs/security.md names exactly the actions of a restart', () => {
  const restart = templateOf((scope) => new RestartEcsService(scope, 'Restart', { service: ecsServiceIn(scope) }));
  expect(documentedFor('restart', 'a')).toEqual(allowedTo(/^RestartRole/, restart));
});

test('no other role has a policy', () => {
  const ids = Object.keys(template.findResources('AWS::IAM::Policy'));
  expect(
    ids.filter(
      (id) => !/RotationFunctionRole|RotationFunctionReadPins|OverdueCheckRole|NoNetworkInterfacesForCode/.test(id),
    ),
  ).toEqual([]);
});

test('the code of the function is denied every change of a secret that it only reads, and every action on network interfaces', () => {
  const denied = statementsIn(template).flatMap(({ Effect, Action }) => (Effect === 'Deny' ? Action : []));
  expect(denied.toSorted()).toEqual(
    documentedFor('rotation function').filter((action) => /^ec2:|:(Put|Update)Secret/.test(action)),
  );
});
