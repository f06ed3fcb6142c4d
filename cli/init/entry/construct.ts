import type { ConfigurationEntry } from './configuration-entry.ts';

/** The construct of the secret, for stacks without a configuration file. */
export function constructText({ name, arn, endpoint, usernames, kmsKeyArn }: ConfigurationEntry): string {
  const secret =
    arn === undefined
      ? `Secret.fromSecretNameV2(this, 'Secret', ${quoted(name)})`
      : `Secret.fromSecretCompleteArn(this, 'Secret', ${quoted(arn)})`;
  const users =
    usernames.length > 1
      ? [`strategy: 'alternating-users'`, `usernames: [${usernames.map(quoted).join(', ')}]`]
      : [`username: ${quoted(usernames[0] ?? '')}`];
  const key = kmsKeyArn === undefined ? [] : [`encryptionKey: Key.fromKeyArn(this, 'Key', ${quoted(kmsKeyArn)})`];
  const props = [`secret: ${secret}`, `endpoint: ${quoted(endpoint)}`, ...users, ...key];
  return [
    `import { Duration } from 'aws-cdk-lib';`,
    ...(kmsKeyArn === undefined ? [] : [`import { Key } from 'aws-cdk-lib/aws-kms';`]),
    `import { Secret } from 'aws-cdk-lib/aws-secretsmanager';`,
    `import { CredentialRotation, RotationSchedule } from 'zilliz-secret-rotation';`,
    '',
    `new CredentialRotation(this, 'Rotation', {`,
    ...props.map((prop) => `  ${prop},`),
    `  schedule: RotationSchedule.rate(Duration.days(30)),`,
    '});',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
