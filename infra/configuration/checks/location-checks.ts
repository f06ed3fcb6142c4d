import { differ } from '../../rules/function-arn.ts';
import { type Mistake, type Path, pathText, valueAt } from '../../rules/mistake.ts';

/** Where the stacks of the file will be. `undefined`: not known. */
export interface Deployment {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** An ARN in the file. Without an account if the ARN may be of another account. */
interface Located extends Deployment {
  readonly path: Path;
  readonly value: string;
}

/**
 * The function accepts only secrets of its own account, and AWS uses secrets, keys and topics only
 * in their own region.
 */
export function locationMistakes(root: unknown, entries: readonly Path[], deployment: Deployment): Mistake[] {
  const keys = valueAt(root, ['function', 'secretKmsKeyArns']);
  const secrets = entries.flatMap((entry) => locatedAt(root, [...entry, 'arn']));
  const others = [
    ['function', 'adminSecretArn'],
    ['function', 'adminSecretKmsKeyArn'],
    ['function', 'logKmsKeyArn'],
    ...(Array.isArray(keys) ? keys.map((_, index) => ['function', 'secretKmsKeyArns', index]) : []),
    ['defaults', 'kmsKeyArn'],
    ...entries.map((entry) => [...entry, 'kmsKeyArn']),
    ['monitoring', 'topicArn'],
  ].flatMap((path) => locatedAt(root, path).map(({ account, ...arn }) => arn));
  const all: Located[] = [...secrets, ...others];
  return all.flatMap((arn) => misplaced(arn, deployment, all[0] ?? arn));
}

function locatedAt(root: unknown, path: Path): Located[] {
  const value = valueAt(root, path);
  const parts = /^arn:aws[a-z-]*:[a-z]+:([a-z0-9-]+):(\d{12}):/.exec(typeof value === 'string' ? value : '');
  return parts === null ? [] : [{ path, value: parts.input, region: parts[1], account: parts[2] }];
}

/** The mistake if the account or the region differs from the deployment or the first ARN. */
function misplaced(arn: Located, deployment: Deployment, first: Located): Mistake[] {
  const { path, value } = arn;
  const here = describeLocation(deployment);
  if (areApart(arn, deployment)) {
    const rule = `This is in ${describeLocation(arn)}, but this command is for ${here}. Choose the AWS profile and the region of the ARN, or write an ARN of ${here}.`;
    return [{ path, value, rule }];
  }
  const rule = `This is in ${describeLocation(arn)}, but ${pathText(first.path)} is in ${describeLocation(first)}. A file is for one account and one region. Write another file for that region or account, or see docs/multi-account.md.`;
  return areApart(arn, first) ? [{ path, value, rule }] : [];
}

function areApart(a: Deployment, b: Deployment): boolean {
  return differ(a.account, b.account) || differ(a.region, b.region);
}

function describeLocation({ account, region }: Deployment): string {
  return [account && `account ${account}`, region && `region ${region}`].filter(Boolean).join(', ');
}
