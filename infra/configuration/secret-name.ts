import { type Path, valueAt } from '../rules/mistake.ts';
import { nameInArn } from '../rules/secret-arn.ts';
import { SECRET_KINDS, type SecretConfiguration } from './schema/secret-schema.ts';

/** The name in Secrets Manager. Construct ids contain the name, so `arn` may replace `name`. */
export function nameOf(secret: SecretConfiguration): string {
  if ('create' in secret) {
    return secret.create;
  }
  return 'name' in secret ? secret.name : (nameInArn(secret.arn) ?? secret.arn);
}

/** The name in an unchecked entry, with the path and the value of its key. */
export function nameAt(root: unknown, entry: Path): { path: Path; value: string; name: string } | undefined {
  for (const kind of SECRET_KINDS) {
    const path = [...entry, kind];
    const value = valueAt(root, path);
    if (typeof value === 'string') {
      return { path, value, name: kind === 'arn' ? (nameInArn(value) ?? value) : value };
    }
  }
  return undefined;
}
