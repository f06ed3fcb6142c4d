import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { RotationStack } from '../../infra/stack/rotation-stack.ts';
import { appWithoutBundles } from './support/templates.ts';

const text = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const document = text('../../docs/security.md');

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
}

/** Every key there is: a folder, a customer managed key, an admin secret, a VPC, monitoring. */
const configuration = parseConfiguration(text('fixtures/every-key.yaml'), 'every-key.yaml');
const template = Template.fromStack(new RotationStack(appWithoutBundles(), 'Everything', { configuration }));

/** The actions that the policies of the roles with this in their name allow, in order. */
function allowedTo(role: RegExp): string[] {
  const statements = Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => role.test(id))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
  const actions = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
  return [...new Set(actions)].toSorted();
}

/** The actions in the table below this comment, in order. */
function documentedFor(what: string): string[] {
  const table = document.split(`<!-- permissions of the ${what} -->`)[1]?.split('\n\n')[0] ?? '';
  const actions = [...table.matchAll(/`((?:logs|secretsmanager|ec2|kms):[A-Z]\w+)`/g)].map(([, action = '']) => action);
  return [...new Set(actions)].toSorted();
}

test('docs/security.md names every action of the rotation function, and no other', () => {
  const documented = documentedFor('rotation function');
  expect(documented.length).toBeGreaterThan(10);
  // Keys belong to the secrets, which are in stacks of their own here; rotation-function.test.ts and credential-rotation.test.ts have them.
  expect(documented).toEqual(
    [...new Set([...allowedTo(/^RotationFunctionRole/), 'kms:Decrypt', 'kms:GenerateDataKey'])].toSorted(),
  );
});

test('docs/security.md names every action of the check for overdue rotations, and no other', () => {
  expect(documentedFor('overdue check')).toEqual(allowedTo(/OverdueCheckRole/));
});

test('no other role is allowed anything', () => {
  const ids = Object.keys(template.findResources('AWS::IAM::Policy'));
  expect(ids.filter((id) => !/RotationFunctionRole|OverdueCheckRole|NoNetworkInterfacesForCode/.test(id))).toEqual([]);
});

test('the interfaces of the VPC are denied to the code of the function, all of them', () => {
  const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement as Statement[],
  );
  const denied = statements.filter(({ Effect }) => Effect === 'Deny').flatMap(({ Action }) => Action);
  expect(denied.toSorted()).toEqual(documentedFor('rotation function').filter((action) => action.startsWith('ec2:')));
});
