import { type Mistake, mistakeIf, type Path, valueAt } from '../../rules/mistake.ts';
import { nameAt } from '../secret-name.ts';

/**
 * CloudFormation allows 200 outputs in a stack. Each secret has one output, and the function, the
 * alarm topic and later outputs need the rest.
 */
const MAX_SECRETS_IN_FUNCTION_STACK = 190;
const PREFIX = ['function', 'secretNamePrefix'];
const KEYS = ['function', 'secretKmsKeyArns'];
const ADMIN_SECRET = ['function', 'adminSecretArn'];

/** With these rules, a new secret of a fleet changes only the stack of the secret. */
export function fleetMistakes(root: unknown, entries: readonly Path[]): Mistake[] {
  const stacks = valueAt(root, ['stacks']);
  return [
    ...keysWithoutPrefix(root),
    ...entries.flatMap((entry) => namesOutsidePrefix(root, entry)),
    ...(stacks === undefined
      ? tooManySecrets(entries.length)
      : [
          ...stacksWithoutPrefix(root, stacks),
          ...adminSecret(root),
          ...entries.flatMap((entry) => [...targetMistakes(root, entry), ...unknownKeys(root, entry)]),
        ]),
  ];
}

function tooManySecrets(count: number): Mistake[] {
  return mistakeIf(count > MAX_SECRETS_IN_FUNCTION_STACK, {
    path: ['secrets'],
    rule: `The file has ${count} secrets, and one stack takes ${MAX_SECRETS_IN_FUNCTION_STACK}. Write stacks: 8 for up to about 1,200 secrets, or a higher number.`,
  });
}

function stacksWithoutPrefix(root: unknown, value: unknown): Mistake[] {
  return mistakeIf(typeof valueAt(root, PREFIX) !== 'string', {
    path: ['stacks'],
    value,
    rule: 'Secrets in several stacks need function.secretNamePrefix, so that the role of the function does not name each secret.',
  });
}

function adminSecret(root: unknown): Mistake[] {
  const value = valueAt(root, ADMIN_SECRET);
  return mistakeIf(value !== undefined, {
    path: ADMIN_SECRET,
    value,
    rule: 'With stacks, the function pins no secret to its endpoint and user, and it uses an admin secret only for pinned secrets. Remove this key, and reset a user with zilliz-rotation repair --admin-secret. Or remove stacks.',
  });
}

/** The role allows only secrets with the prefix. Every step of another secret would be denied. */
function namesOutsidePrefix(root: unknown, entry: Path): Mistake[] {
  const prefix = valueAt(root, PREFIX);
  const named = nameAt(root, entry);
  if (named === undefined || typeof prefix !== 'string' || !prefix.endsWith('/')) {
    return [];
  }
  const { path, value, name } = named;
  const rule = `The function may rotate only secrets whose name starts with ${prefix} (function.secretNamePrefix).`;
  return mistakeIf(!name.startsWith(prefix), { path, value, rule });
}

function keysWithoutPrefix(root: unknown): Mistake[] {
  return mistakeIf(valueAt(root, KEYS) !== undefined && valueAt(root, PREFIX) === undefined, {
    path: KEYS,
    rule: 'These keys have no effect without function.secretNamePrefix. Write that key too, or write kmsKeyArn in the entry of each secret.',
  });
}

/** The environment of the function would contain the endpoint and the user of the secret. */
function targetMistakes(root: unknown, entry: Path): Mistake[] {
  const isExisting = valueAt(root, [...entry, 'create']) === undefined;
  return ['endpoint', 'username'].flatMap((key) => {
    const path = [...entry, key];
    const value = valueAt(root, path);
    return mistakeIf(isExisting && value !== undefined, {
      path,
      value,
      rule: 'With stacks, an existing secret must contain this itself, because a new secret must not change the function. Write it in the value of the secret, or an endpoint in the tag zilliz:endpoint, and remove the key here.',
    });
  });
}

/** The role of the function needs a policy statement for each key. */
function unknownKeys(root: unknown, entry: Path): Mistake[] {
  const path = [...entry, 'kmsKeyArn'];
  const value = valueAt(root, path);
  const keys = valueAt(root, KEYS);
  const known = [valueAt(root, ['defaults', 'kmsKeyArn']), ...(Array.isArray(keys) ? (keys as unknown[]) : [])];
  return mistakeIf(typeof value === 'string' && !known.includes(value), {
    path,
    value,
    rule: 'With stacks, the function must know the key before the secret exists. Add the key to function.secretKmsKeyArns.',
  });
}
