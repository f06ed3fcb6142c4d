import type { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../infra/rotation/credential-rotation.ts';
import { templateOf } from './support/templates.ts';

const NEW = { endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530', username: 'u' };
const tags = { team: 'search' };

const taggedIn = (template: Template): string[] =>
  Object.values(template.toJSON()['Resources'] as Record<string, { Type: string; Properties: { Tags?: unknown[] } }>)
    .filter(({ Properties: { Tags = [] } }) => JSON.stringify(Tags).includes('"search"'))
    .map(({ Type }) => Type)
    .toSorted();

test('tags are on a new secret and on its own function', () => {
  expect(taggedIn(templateOf((scope) => new CredentialRotation(scope, 'Orders', { ...NEW, tags })))).toEqual([
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
    'AWS::Logs::LogGroup',
    'AWS::SecretsManager::Secret',
  ]);
});

test('tags of a secret are not on a shared function', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction');
    new CredentialRotation(scope, 'Orders', { ...NEW, rotationFunction, tags });
  });
  expect(taggedIn(template)).toEqual(['AWS::SecretsManager::Secret']);
});
