import { type Mistake, mistakeIf, type Path, valueAt } from '../../rules/mistake.ts';
import { nameInArn } from '../../rules/secret-arn.ts';
import { nameAt } from '../secret-name.ts';

const ADMIN_SECRET = ['function', 'adminSecretArn'];

/** The function may read the admin secret, but must not be able to change it. */
export function adminMistakes(root: unknown, entries: readonly Path[]): Mistake[] {
  const arn = valueAt(root, ADMIN_SECRET);
  const name = typeof arn === 'string' ? nameInArn(arn) : undefined;
  return typeof arn !== 'string' || name === undefined
    ? keyWithoutAdminSecret(root)
    : [...belowPrefix(root, name), ...entries.flatMap((entry) => rotated(root, entry, arn, name))];
}

/** The author of this key expects the function to use an admin credential. */
function keyWithoutAdminSecret(root: unknown): Mistake[] {
  const path = ['function', 'adminSecretKmsKeyArn'];
  const isWrong = valueAt(root, path) !== undefined && valueAt(root, ADMIN_SECRET) === undefined;
  return mistakeIf(isWrong, root, path, 'This key has no effect without function.adminSecretArn. Write that key too.');
}

function belowPrefix(root: unknown, name: string): Mistake[] {
  const prefix = valueAt(root, ['function', 'secretNamePrefix']);
  const isBelow = typeof prefix === 'string' && prefix.endsWith('/') && name.startsWith(prefix);
  const rule = `This secret is below ${String(prefix)} (function.secretNamePrefix), so the function could change it. Write an admin secret outside of ${String(prefix)}, or another prefix.`;
  return mistakeIf(isBelow, root, ADMIN_SECRET, rule);
}

function rotated(root: unknown, entry: Path, arn: string, name: string): Mistake[] {
  const secret = nameAt(root, entry);
  const isAdminSecret = secret?.path.at(-1) === 'arn' ? secret.value === arn : secret?.name === name;
  const rule = `secrets[${String(entry.at(-1))}] is this secret, too. The function only reads the admin secret and does not rotate it. Write another admin secret, or remove the entry.`;
  return mistakeIf(isAdminSecret, root, ADMIN_SECRET, rule);
}
