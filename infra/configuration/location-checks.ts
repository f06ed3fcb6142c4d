import { differ } from '../rules/location.ts';
import { type Path, type Problem, pathText } from '../rules/problem.ts';
import type { Configuration } from './configuration.ts';

/** Where the stacks of the file will be. `undefined`: not known. */
export interface DeploymentPlace {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** An ARN in the file. Without an account if the ARN may be of another account. */
interface Located extends DeploymentPlace {
  readonly path: Path;
}

/**
 * The function accepts only secrets of its own account, and AWS uses secrets, keys and topics only
 * in their own region.
 */
export function locationProblems(file: Configuration, deployment: DeploymentPlace): Problem[] {
  const all = arnsIn(file, []);
  const first = all.find(({ account }) => account !== undefined) ?? all[0];
  return all.flatMap((arn) => misplaced(arn, deployment, first ?? arn));
}

function arnsIn(value: unknown, path: Path): Located[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      arnsIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
    );
  }
  const [, region, account] = /^arn:[^:]+:(?:kms|secretsmanager|sns):([^:]+):(\d+):/.exec(String(value)) ?? [];
  const isRotated = path[0] === 'secrets' && path[2] === 'arn';
  return region === undefined ? [] : [{ path, region, ...(isRotated && { account }) }];
}

/** The problem if the account or the region differs from the deployment or the first ARN. */
function misplaced(arn: Located, deployment: DeploymentPlace, first: Located): Problem[] {
  const { path } = arn;
  const here = describeLocation(deployment);
  if (areApart(arn, deployment)) {
    const rule = `This is in ${describeLocation(arn)}, but this command is for ${here}. Choose the AWS profile and the region of the ARN, or write an ARN of ${here}.`;
    return [{ path, rule }];
  }
  const rule =
    `This is in ${describeLocation(arn)}, but ${pathText(first.path)} is in ${describeLocation(first)}. ` +
    'A file is for one account and one region. ' +
    'Write another file for that region or account, or see docs/fleets.md.';
  return areApart(arn, first) ? [{ path, rule }] : [];
}

function areApart(a: DeploymentPlace, b: DeploymentPlace): boolean {
  return differ(a.account, b.account) || differ(a.region, b.region);
}

function describeLocation({ account, region }: DeploymentPlace): string {
  return [account && `account ${account}`, region && `region ${region}`].filter(Boolean).join(', ');
}
