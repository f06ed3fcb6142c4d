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

const WITHOUT_PREFIX =
  'Secrets in several stacks need function.secretNamePrefix, so that the role of the function does not name each secret.';
const NO_ADMIN_SECRET =
  'With stacks, the function pins no secret to its endpoint and user, and it uses an admin secret only for pinned secrets. Remove this key, and reset a user with zilliz-rotation repair --admin-secret. Or remove stacks.';
/**
 * The function would need the endpoint and the user in its environment. So each new secret would
 * change the function.
 */
const NO_TARGET =
  'With stacks, an existing secret must contain this itself, because a new secret must not change the function. Write it in the value of the secret, or an endpoint in the tag zilliz:endpoint, and remove the key here.';
/** The role of the function needs a policy statement for each key. */
const UNKNOWN_KEY =
  'With stacks, the function must know the key before the secret exists. Add the key to function.secretKmsKeyArns.';

/** With these rules, a new secret of a fleet changes only the stack of the secret. */
export function fleetMistakes(root: unknown, entries: readonly Path[]): Mistake[] {
  return [
    ...keysWithoutPrefix(root),
    ...entries.flatMap((entry) => namesOutsidePrefix(root, entry)),
    ...(valueAt(root, ['stacks']) === undefined
      ? tooManySecrets(entries.length)
      : [
          ...mistakeIf(typeof valueAt(root, PREFIX) !== 'string', root, ['stacks'], WITHOUT_PREFIX),
          ...mistakeIf(valueAt(root, ADMIN_SECRET) !== undefined, root, ADMIN_SECRET, NO_ADMIN_SECRET),
          ...entries.flatMap((entry) => mistakesOfEntry(root, entry)),
        ]),
  ];
}

function tooManySecrets(count: number): Mistake[] {
  const rule = `The file has ${count} secrets, and one stack takes ${MAX_SECRETS_IN_FUNCTION_STACK}. Write stacks: 8 for up to about 1,200 secrets, or a higher number.`;
  return count > MAX_SECRETS_IN_FUNCTION_STACK ? [{ path: ['secrets'], rule }] : [];
}

/** The role allows only secrets with the prefix. Every step of another secret would be denied. */
function namesOutsidePrefix(root: unknown, entry: Path): Mistake[] {
  const prefix = valueAt(root, PREFIX);
  const named = nameAt(root, entry);
  if (named === undefined || typeof prefix !== 'string' || !prefix.endsWith('/')) {
    return [];
  }
  const rule = `The function may rotate only secrets whose name starts with ${prefix} (function.secretNamePrefix).`;
  return mistakeIf(!named.name.startsWith(prefix), root, named.path, rule);
}

function keysWithoutPrefix(root: unknown): Mistake[] {
  const rule =
    'These keys have no effect without function.secretNamePrefix. Write that key too, or write kmsKeyArn in the entry of each secret.';
  return valueAt(root, KEYS) !== undefined && valueAt(root, PREFIX) === undefined ? [{ path: KEYS, rule }] : [];
}

function mistakesOfEntry(root: unknown, entry: Path): Mistake[] {
  const isExisting = valueAt(root, [...entry, 'create']) === undefined;
  const keys = valueAt(root, KEYS);
  const known = [valueAt(root, ['defaults', 'kmsKeyArn']), ...(Array.isArray(keys) ? (keys as unknown[]) : [])];
  const kmsKeyArn = valueAt(root, [...entry, 'kmsKeyArn']);
  return [
    ...['endpoint', 'username'].flatMap((key) => {
      const path = [...entry, key];
      return mistakeIf(isExisting && valueAt(root, path) !== undefined, root, path, NO_TARGET);
    }),
    ...mistakeIf(
      typeof kmsKeyArn === 'string' && !known.includes(kmsKeyArn),
      root,
      [...entry, 'kmsKeyArn'],
      UNKNOWN_KEY,
    ),
  ];
}
