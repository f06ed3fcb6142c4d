import { Stack } from 'aws-cdk-lib';
import { Policy } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { deployedLength, deployedTextLength } from './deployed-length.ts';

/**
 * IAM's limit for all inline policies of a role, without white space.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const INLINE_POLICIES_LIMIT = 10_240;

/**
 * Lambda's limit for all environment variables of a function, names included.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const ENVIRONMENT_LIMIT = 4096;

/**
 * Checks what CDK cannot check: it does not measure lists that are produced at synthesis.
 *
 * @param secretCount Number of secrets that the policies name.
 * @returns undefined if IAM accepts the policies below the construct.
 */
export function inlinePoliciesProblem(scope: IConstruct, secretCount: number): string | undefined {
  const length = inlinePoliciesLength(scope);
  return length > INLINE_POLICIES_LIMIT
    ? `The inline policies of the function's role would have ${length} characters for ${secretCount} secrets. IAM allows ${INLINE_POLICIES_LIMIT}. Begin all names of the secrets with one prefix and give it as secretNamePrefix, or use another RotationFunction for some of the secrets.`
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
  const [rulesLength, secretsLength] = [variablesLength(scope, rules), variablesLength(scope, secrets)];
  const length = rulesLength + secretsLength;
  return length > ENVIRONMENT_LIMIT
    ? `The environment of the function would have ${length} characters: ${rulesLength} for its rules and ${secretsLength} for its secrets. Lambda allows ${ENVIRONMENT_LIMIT}. Give only the certificate of the authority, not a bundle; allow a domain (.example.com) instead of hosts; give secretNamePrefix; or write endpoints into the secrets or into their tag zilliz:endpoint; or use another RotationFunction for some of the secrets.${'ADMIN_SECRET_ARN' in rules ? WITH_ADMIN_SECRET : ''}`
    : undefined;
}

const WITH_ADMIN_SECRET =
  ' With an admin secret, the environment names the endpoint and user of each new secret, too: omit it, or use another RotationFunction for some of the secrets.';

/** Characters of the names and values after deployment. */
function variablesLength(scope: IConstruct, variables: Record<string, string>): number {
  return Object.entries(Stack.of(scope).resolve(variables) as Record<string, unknown>).reduce(
    (sum, [name, value]) => sum + name.length + deployedTextLength(value),
    0,
  );
}
