import { Stack } from 'aws-cdk-lib';
import { Policy } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * IAM's limit for all inline policies of a role together, white space left out.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const ROLE_POLICIES_LIMIT = 10_240;

/** What CloudFormation fills in, at its longest. */
const PSEUDO_PARAMETERS: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 'aws-us-gov'.length,
  'AWS::Region': 'ap-southeast-1'.length,
  'AWS::URLSuffix': 'amazonaws.com.cn'.length,
};

/** Of an ARN, everything but the name: and that is the logical id with some random characters where nobody chose one. */
const LENGTH_OF_ARN = 100;

/**
 * Characters of all inline policies below a construct once they are deployed. Complete only at synthesis.
 *
 * CDK moves what is too large into managed policies, but it does not see how long a list is that is produced at synthesis.
 */
export function lengthOfPolicies(scope: IConstruct): number {
  const documents = scope.node.findAll().flatMap((child) => (child instanceof Policy ? child.document : []));
  return documents.reduce((sum, document) => sum + lengthOf(Stack.of(scope).resolve(document)), 0);
}

/** Characters of something resolved as JSON once it is deployed, with what CloudFormation fills in at its longest. */
export function lengthOf(resolved: unknown): number {
  return JSON.stringify(resolved, (_, part: unknown) => {
    const filledIn = lengthFilledIn(part);
    return filledIn === undefined ? part : '-'.repeat(filledIn);
  }).length;
}

/** `undefined` for what is written as it stands. */
function lengthFilledIn(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const [[intrinsic, of] = ['', undefined]] = Object.entries(value) as [string, unknown][];
  if (intrinsic === 'Ref' && typeof of === 'string') {
    return PSEUDO_PARAMETERS[of] ?? LENGTH_OF_ARN + of.length;
  }
  if (intrinsic === 'Fn::Join' && Array.isArray(of)) {
    const [, parts] = of as [string, unknown[]];
    return parts.reduce<number>(
      (sum, part) => sum + (typeof part === 'string' ? part.length : (lengthFilledIn(part) ?? 0)),
      0,
    );
  }
  return intrinsic.startsWith('Fn::') ? LENGTH_OF_ARN + JSON.stringify(of).length : undefined;
}
