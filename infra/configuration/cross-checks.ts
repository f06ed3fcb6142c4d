import { endpointUrl, ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import { endpointProblem } from '../rules/cluster-rules.ts';
import { type Path, type Problem, problemAt } from '../rules/problem.ts';
import type { Configuration } from './configuration.ts';
import type { VpcConfiguration } from './function-keys.ts';
import { type DeploymentPlace, locationProblems } from './location-checks.ts';
import { secretProblems } from './secret-checks.ts';
import { configuredName, kindOf, type SecretConfiguration } from './secret-keys.ts';

/**
 * CloudFormation allows 200 outputs in a stack. Each secret has one output, and the function, the
 * alarm topic and later outputs need the rest.
 */
const MAX_SECRETS_IN_FUNCTION_STACK = 190;

/**
 * The keys that contradict each other. The constructs find what only the resources show, such as
 * two secrets with one user.
 */
export function crossProblems(file: Configuration, deployment: DeploymentPlace): Problem[] {
  return [
    ...endpointProblems(file),
    ...functionProblems(file),
    ...stackProblems(file),
    ...duplicateSecrets(file.secrets),
    ...file.secrets.flatMap((secret, index) => secretProblems(file, secret, ['secrets', index])),
    ...locationProblems(file, deployment),
  ];
}

function endpointProblems({ function: fn, secrets }: Configuration): Problem[] {
  const { allowedEndpoints: allowed = ZILLIZ_CLOUD_DOMAINS, allowPlaintext = false } = fn;
  const endpoints: ReadonlyArray<readonly [Path, string | undefined]> = [
    [['function', 'clusterEndpoint'], fn.clusterEndpoint],
    ...(fn.vpc?.privateLink?.endpoints ?? []).map(
      (endpoint, index) => [['function', 'vpc', 'privateLink', 'endpoints', index], endpoint] as const,
    ),
    ...secrets.map(({ endpoint }, index) => [['secrets', index, 'endpoint'], endpoint] as const),
  ];
  return endpoints.flatMap(([path, endpoint]) =>
    problemAt(
      path,
      endpoint !== undefined &&
        (endpointProblem(endpoint, { allowed, allowPlaintext }) ?? privateLinkProblem(endpoint, fn.vpc)),
    ),
  );
}

/** Why the only security group of the function keeps it from the endpoint. */
function privateLinkProblem(
  endpoint: string,
  { privateLink, securityGroupIds }: Partial<VpcConfiguration> = {},
): string | undefined {
  const url = endpointUrl(endpoint);
  const isReachable =
    privateLink === undefined ||
    securityGroupIds !== undefined ||
    privateLink.endpoints.some((listed) => endpointUrl(listed) === url) ||
    // The group then allows port 443 of any address.
    (privateLink.secretsManagerEndpoint === false && url?.endsWith(':443'));
  return isReachable
    ? undefined
    : 'With privateLink, the security group of the function allows only function.vpc.privateLink.endpoints. If the cluster is behind the private link, add this endpoint to them. Otherwise write function.vpc.securityGroupIds with a group that allows it.';
}

/** Keys without effect, whose author expects one. */
function functionProblems({ function: fn }: Configuration): Problem[] {
  return [
    ...(['adminSecret', 'managerSecret'] as const).flatMap((secret) =>
      problemAt(
        ['function', `${secret}KmsKeyArn`],
        fn[`${secret}KmsKeyArn`] !== undefined &&
          fn[`${secret}Arn`] === undefined &&
          `This key has no effect without function.${secret}Arn. Write that key too.`,
      ),
    ),
    ...problemAt(
      ['function', 'secretKmsKeyArns'],
      fn.secretKmsKeyArns !== undefined &&
        fn.secretNamePrefix === undefined &&
        'These keys have no effect without function.secretNamePrefix. Write that key too, or write kmsKeyArn in the entry of each secret.',
    ),
  ];
}

/** With `stacks`, a new secret must not change the function. */
function stackProblems({ stacks, function: fn, secrets: { length } }: Configuration): Problem[] {
  const tooMany = `The file has ${length} secrets, and one stack takes ${MAX_SECRETS_IN_FUNCTION_STACK}. Write stacks: 8 for up to about 1,200 secrets, or a higher number.`;
  const noPrefix =
    'Secrets in several stacks need function.secretNamePrefix, so that the role of the function does not name each secret.';
  return stacks === undefined
    ? problemAt(['secrets'], length > MAX_SECRETS_IN_FUNCTION_STACK && tooMany)
    : problemAt(['stacks'], fn.secretNamePrefix === undefined && noPrefix);
}

/** CDK builds the same construct id from two names that differ only in `/` and `--`. */
function duplicateSecrets(secrets: readonly SecretConfiguration[]): Problem[] {
  const indexes = new Map<string, number>();
  return secrets.flatMap((secret, index) => {
    const id = configuredName(secret).replaceAll('/', '--');
    const first = indexes.get(id) ?? index;
    indexes.set(id, first);
    const rule =
      `secrets[${first}] has this name, or a name that differs only in / and --. ` +
      'Write each secret once, or move one of two such names to another file with its own stackName.';
    return problemAt(['secrets', index, kindOf(secret)], first !== index && rule);
  });
}
