import type { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { OverdueCheck } from '../../../infra/monitoring/overdue-check.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { ENDPOINT, KEY_ARN, propertiesOf, templateOf, templateOfConfiguration } from '../support/templates.ts';

function templateWith(props: RotationFunctionProps = {}): Template {
  return templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', props);
    new OverdueCheck(scope, 'Check', { rotationFunction });
    if (props.secretNamePrefix === undefined) {
      rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'Existing', 'milvus/search'));
      new CredentialRotation(scope, 'New', { rotationFunction, endpoint: ENDPOINT, username: 'u' });
    }
  });
}

/** `ROTATED_SECRETS` of the rotation function and of the check. */
function rotatedSecretsIn(template: Template): unknown[] {
  return propertiesOf(template, 'AWS::Lambda::Function').map(
    ({ Environment }) => Environment.Variables.ROTATED_SECRETS as unknown,
  );
}

test('the check has the list of the secrets of the rotation function', () => {
  const [ofFunction, ofCheck, ...others] = rotatedSecretsIn(templateWith());
  expect(others).toEqual([]);
  expect(JSON.stringify(ofFunction)).toContain('milvus/search-??????');
  expect(ofCheck).toEqual(ofFunction);
  expect(rotatedSecretsIn(templateWith({ secretNamePrefix: 'milvus/' }))).toEqual(['milvus/*', 'milvus/*']);
});

test('a list that fills the environment of the check is an error at synth', () => {
  const synth = (count: number, monitoring = {}) => {
    const secrets = Array.from({ length: count }, (_, index) => ({ name: String(index).padStart(40, 'n') }));
    return () => templateOfConfiguration(JSON.stringify({ secrets, ...monitoring }));
  };
  expect(synth(84)).not.toThrow();
  expect(synth(81, { monitoring: {} })).not.toThrow();
  expect(synth(82, { monitoring: {} })).toThrow(
    /Monitoring\/OverdueCheck.*The environment of the function would have 4\d{3} characters: \d+ for its rules/,
  );
});

test('the check has the architecture of the rotation function, and its log has the key of the other log', () => {
  const resourcesOf = (architecture?: Architecture): unknown => {
    const template = templateOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', {
        secretNamePrefix: 'milvus/',
        ...(architecture && { architecture, logEncryptionKey: Key.fromKeyArn(scope, 'Key', KEY_ARN) }),
      });
      new OverdueCheck(scope, 'Check', { rotationFunction });
    });
    return {
      architectures: propertiesOf(template, 'AWS::Lambda::Function').map(
        ({ Architectures }) => Architectures as unknown,
      ),
      keys: propertiesOf(template, 'AWS::Logs::LogGroup').map(({ KmsKeyId }) => KmsKeyId as unknown),
    };
  };
  expect(resourcesOf()).toEqual({ architectures: [['arm64'], ['arm64']], keys: [undefined, undefined] });
  expect(resourcesOf(Architecture.X86_64)).toEqual({
    architectures: [['x86_64'], ['x86_64']],
    keys: [KEY_ARN, KEY_ARN],
  });
});
