import { Stack } from 'aws-cdk-lib';
import { Policy } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * IAM's limit for all inline policies of a role, without white space.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const MAX_INLINE_POLICIES = 10_240;

/**
 * Lambda's limit for all environment variables of a function, names included.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_ENVIRONMENT = 4096;

/**
 * Checks what CDK cannot check: it does not measure lists that are produced at synthesis.
 *
 * @param secretCount Number of secrets that the policies name.
 * @returns undefined if IAM accepts the policies below the construct.
 */
export function inlinePoliciesProblem(scope: IConstruct, secretCount: number): string | undefined {
  const length = inlinePoliciesLength(scope);
  return length > MAX_INLINE_POLICIES
    ? `The inline policies of the function's role would have ${length} characters for ${secretCount} secrets. ` +
        `IAM allows ${MAX_INLINE_POLICIES}. Begin all names of the secrets with one prefix and give it as ` +
        'secretNamePrefix, or use another RotationFunction for some of the secrets.'
    : undefined;
}

/**
 * Characters of all inline policies below the construct after deployment. Complete only at
 * synthesis.
 */
export function inlinePoliciesLength(scope: IConstruct): number {
  const documents = scope.node.findAll().flatMap((child) => (child instanceof Policy ? child.document : []));
  return documents.reduce((sum, document) => sum + deployedLength(Stack.of(scope).resolve(document)), 0);
}

/**
 * @param rules Variables for the rules of the function.
 * @param secrets Variables for its secrets. Complete only at synthesis.
 * @returns undefined if Lambda accepts the environment.
 */
export function environmentProblem(
  scope: IConstruct,
  rules: Record<string, string>,
  secrets: Record<string, string>,
): string | undefined {
  const lengthOf = (variables: Record<string, string>): number =>
    Object.entries(Stack.of(scope).resolve(variables) as Record<string, unknown>)
      .map(([name, value]) => name.length + deployedText(value).length)
      .reduce((sum, length) => sum + length, 0);
  const [rulesLength, secretsLength] = [lengthOf(rules), lengthOf(secrets)];
  const length = rulesLength + secretsLength;
  return length > MAX_ENVIRONMENT
    ? `The environment of the function would have ${length} characters: ${rulesLength} for its rules and ${secretsLength} for its secrets. Lambda allows ${MAX_ENVIRONMENT}. Give only the certificate of the authority, not a bundle. Give secretNamePrefix, or use another RotationFunction for some of the secrets.`
    : undefined;
}

/** The longest value of each pseudo parameter. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/** As long as an ARN whose name CloudFormation generates, without the logical id in the name. */
const GENERATED_ARN = '-'.repeat(100);

/**
 * The largest possible length of a template fragment as JSON after the deployment, in characters.
 *
 * @param fragment Resolved by CDK.
 */
export function deployedLength(fragment: unknown): number {
  return JSON.stringify(fragment, (_, value: unknown) => (isIntrinsic(value) ? deployedText(value) : value)).length;
}

/** A string as it is. For an intrinsic function, a text of the greatest length. */
function deployedText(value: unknown): string {
  if (!isIntrinsic(value)) {
    return String(value);
  }
  const [[name = '', argument] = []] = Object.entries(value);
  if (name === 'Fn::Join') {
    const [, parts] = argument as [string, unknown[]];
    return parts.map(deployedText).join('');
  }
  const known = name === 'Ref' ? PSEUDO_PARAMETERS[String(argument)] : undefined;
  return known ?? `${GENERATED_ARN}${name === 'Fn::Select' ? '' : JSON.stringify(argument)}`;
}

function isIntrinsic(value: unknown): value is object {
  const [key = ''] = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return key === 'Ref' || key.startsWith('Fn::');
}
