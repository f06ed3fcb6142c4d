import { expect } from 'vitest';
import { parseAwsCommandLine } from '../../support/aws-command-line.ts';
import type { Fixture } from '../support/command-fixture.ts';

type Input = Readonly<Record<string, unknown>>;

/** What the commands of AWS that the product advises do to the fakes. */
const ACTIONS: Readonly<Record<string, (fixture: Fixture, input: Input) => unknown>> = {
  'secretsmanager restore-secret': ({ aws }, { SecretId }) => {
    aws.secret(String(SecretId)).deletedAt = undefined;
  },
  'secretsmanager untag-resource': ({ aws }, { SecretId, TagKeys }) => {
    for (const key of TagKeys as string[]) {
      delete aws.secret(String(SecretId)).store.tags[key];
    }
  },
  'secretsmanager update-secret-version-stage': ({ aws }, { SecretId, VersionStage, RemoveFromVersionId }) => {
    return aws
      .secret(String(SecretId))
      .store.removeLabel({ label: String(VersionStage), from: String(RemoveFromVersionId) });
  },
  'secretsmanager put-secret-value': ({ aws }, { SecretId, ClientRequestToken, VersionStages, SecretString }) => {
    return aws.secret(String(SecretId)).store.put({
      versionId: String(ClientRequestToken),
      value: String(SecretString),
      labels: VersionStages as string[],
    });
  },
  'secretsmanager update-secret': ({ aws }, { SecretId, KmsKeyId }) => {
    aws.secret(String(SecretId)).kmsKeyId = String(KmsKeyId);
  },
  'secretsmanager rotate-secret': ({ aws }, { SecretId, RotateImmediately, RotationLambdaARN }) => {
    const secret = aws.secret(String(SecretId));
    secret.rotationFunctionArn = String(RotationLambdaARN);
    secret.store.rotationEnabled = RotateImmediately === false;
  },
  'lambda add-permission': ({ aws }, { FunctionName, Action, Principal, SourceAccount }) => {
    expectOneOf(
      [...aws.secrets.values()].map(({ rotationFunctionArn }) => rotationFunctionArn),
      FunctionName,
    );
    aws.inspection.account.policy = [
      {
        Effect: 'Allow',
        Principal: { Service: Principal },
        Action,
        Condition: { StringEquals: { 'aws:SourceAccount': SourceAccount } },
      },
    ];
  },
  'kms enable-key': ({ aws }, { KeyId }) => {
    expectOneOf(
      [...aws.secrets.values()].map(({ kmsKeyId }) => kmsKeyId),
      KeyId,
    );
    // KMS refuses to enable a key whose deletion is pending.
    aws.inspection.account.keyState = aws.inspection.account.keyState === 'Disabled' ? 'Enabled' : 'PendingDeletion';
  },
  'kms cancel-key-deletion': ({ aws }, { KeyId }) => {
    expectOneOf(
      [...aws.secrets.values()].map(({ kmsKeyId }) => kmsKeyId),
      KeyId,
    );
    aws.inspection.account.keyState = 'Disabled';
  },
  'logs put-retention-policy': ({ aws }, { LogGroupName, RetentionInDays }) => {
    expectOneOf([aws.inspection.account.rotationFunction?.logGroup], LogGroupName);
    aws.inspection.account.logGroup = { retentionDays: Number(RetentionInDays) };
  },
  'sns subscribe': ({ aws }, { TopicArn }) => {
    expectOneOf(
      aws.inspection.account.alarms.flatMap(({ actions }) => actions),
      TopicArn,
    );
    aws.inspection.account.subscriptions = { confirmed: 0, pending: 1 };
  },
  'ec2 describe-route-tables': ({ aws }, { Filters }) => {
    const subnets = aws.inspection.account.rotationFunction?.subnetIds ?? [];
    expectOneOf([`Name=association.subnet-id,Values=${subnets.join(',')}`], Filters);
  },
  'sts get-caller-identity': () => undefined,
};

/** AWS knows only these things. */
function expectOneOf(known: readonly unknown[], named: unknown): void {
  expect(known).toContain(named);
}

/** Runs a command line of the AWS CLI against the fakes. */
export async function runAwsOnFakes(
  line: string,
  files: Readonly<Record<string, string>>,
  fixture: Fixture,
): Promise<void> {
  const { service, action, input } = parseAwsCommandLine(line, files);
  const run = ACTIONS[`${service} ${action}`];
  if (run === undefined) {
    throw new Error(`The fakes have no command ${service} ${action}`);
  }
  await run(fixture, input);
}
