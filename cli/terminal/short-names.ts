/** Secrets Manager ends an ARN with six random characters. */
const NAME_IN_ARN = /^arn:[^:]+:secretsmanager:[^:]+:[^:]+:secret:(.+)-[^-]{6}$/;

/**
 * Returns a function that shortens the ARNs of these secrets to names. Two secrets with one name,
 * in two regions or accounts, keep their ARNs.
 */
export function shortNames(secretIds: readonly string[]): (secretId: string) => string {
  const byName = Map.groupBy(new Set(secretIds), nameOf);
  return (secretId) => {
    const name = nameOf(secretId);
    return byName.get(name)?.length === 1 ? name : secretId;
  };
}

function nameOf(secretId: string): string {
  return NAME_IN_ARN.exec(secretId)?.[1] ?? secretId;
}
