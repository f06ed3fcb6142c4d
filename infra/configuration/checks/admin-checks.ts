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
    : [...belowPrefix(root, arn, name), ...entries.flatMap((entry) => rotated(root, entry, arn, name))];
}

/** The author of this key expects the function to use an admin credential. */
function keyWithoutAdminSecret(root: unknown): Mistake[] {
  const path = ['function', 'adminSecretKmsKeyArn'];
  const value = valueAt(root, path);
  const rule = 'This key has no effect without function.adminSecretArn. Write that key too.';
  return mistakeIf(value !== undefined && valueAt(root, ADMIN_SECRET) === undefined, { path, value, rule });
}

function belowPrefix(root: unknown, value: string, name: string): Mistake[] {
  const prefix = valueAt(root, ['function', 'secretNamePrefix']);
  return mistakeIf(typeof prefix === 'string' && prefix.endsWith('/') && name.startsWith(prefix), {
    path: ADMIN_SECRET,
    value,
    rule: `This secret is below ${String(prefix)} (function.secretNamePrefix), so the function could change it. Write an admin secret outside of ${String(prefix)}, or another prefix.`,
  });
}

function rotated(root: unknown, entry: Path, value: string, name: string): Mistake[] {
  const secret = nameAt(root, entry);
  const isAdminSecret = secret?.path.at(-1) === 'arn' ? secret.value === value : secret?.name === name;
  return mistakeIf(isAdminSecret, {
    path: ADMIN_SECRET,
    value,
    rule: `secrets[${String(entry.at(-1))}] is this secret, too. The function only reads the admin secret and does not rotate it. Write another admin secret, or remove the entry.`,
  });
}
