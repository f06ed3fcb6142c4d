import { Fn, Stack, Token } from 'aws-cdk-lib';
import { CfnSecret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { differ } from '../rules/location.ts';

/** The name of a secret in Secrets Manager. May be unknown at synth. */
export function secretNameOf({ node, secretFullArn, secretArn, secretName }: ISecret): string {
  // CDK's `secretName` is unknown at synth for a new secret, and omits the end of the name in a
  // partial ARN if the end looks like a random suffix.
  const inPartialArn = secretFullArn === undefined ? secretArn.split(':').at(-1) : undefined;
  const name = node.defaultChild instanceof CfnSecret ? node.defaultChild.name : inPartialArn;
  return name === undefined || Token.isUnresolved(name) ? secretName : name;
}

/**
 * The ARN of the secret for a policy statement. An ARN ends in a hyphen and six random characters.
 * If these are unknown, six question marks replace them: `*` would also match longer names.
 */
export function arnPattern(secret: ISecret): string {
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}

/** The text after `secret:` in {@link arnPattern}. */
export function arnResource(secret: ISecret): string {
  const { secretFullArn } = secret;
  if (secretFullArn === undefined) {
    return `${secretNameOf(secret)}-??????`;
  }
  return Token.isUnresolved(secretFullArn)
    ? Fn.select(6, Fn.split(':', secretFullArn))
    : secretFullArn.split(':').slice(6).join(':');
}

/** Whether both are one secret. An account or region that is unknown at synth may be the same. */
export function isSameSecret(a: ISecret, b: ISecret): boolean {
  return secretNameOf(a) === secretNameOf(b) && mayBeIn(b.env, a);
}

/**
 * Whether the name of the secret starts with the prefix, in the account and region of the scope.
 */
export function isBelow(prefix: string, secret: ISecret, scope: IConstruct): boolean {
  return secretNameOf(secret).startsWith(prefix) && mayBeIn(Stack.of(scope), secret);
}

function mayBeIn({ account, region }: ISecret['env'], { env }: ISecret): boolean {
  return !differ(env.account, account) && !differ(env.region, region);
}

type ArnParts = Pick<Stack, 'partition' | 'region' | 'account'>;

/** The ARN pattern of all secrets under a name prefix. */
export function folderArn({ partition, region, account }: ArnParts, namePrefix: string): string {
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${namePrefix}*`;
}

/**
 * Gives cdk-nag the reason for {@link folderArn} in a policy, unless only the deployment knows the
 * name.
 */
export function acknowledgeFolder(scope: IConstruct, namePrefix: string, reason: string): void {
  if (!Token.isUnresolved(namePrefix)) {
    const arn = folderArn(nagArnParts(Stack.of(scope)), namePrefix);
    acknowledge(scope, { id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
  }
}

/**
 * cdk-nag writes the ARN into the id of a finding, with `<AWS::Region>` for a region that is
 * unknown at synth.
 */
function nagArnParts({ partition, region, account }: ArnParts): ArnParts {
  const placeholder = (value: string, name: string): string => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return {
    partition: placeholder(partition, 'Partition'),
    region: placeholder(region, 'Region'),
    account: placeholder(account, 'AccountId'),
  };
}

/** Sorts the values, so that their order in a configuration file does not change the template. */
export function sortedByPath<Value>(values: ReadonlyMap<string, Value>): Value[] {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
