import { type Mistake, type Path, valueAt } from './mistake.ts';
import { nameAt } from './secret-name.ts';

const MOST_IN_ONE_STACK = 190;
const FOLDER = ['function', 'secretNamePrefix'];
const KEYS = ['function', 'secretKmsKeyArns'];

/** What lets a secret be added to a fleet without a change of anything but its own stack. */
export function fleetMistakes(root: unknown, paths: readonly Path[]): Mistake[] {
  const inStacks = valueAt(root, ['stacks']) !== undefined;
  return [
    ...numberMistakes(root, paths.length),
    ...folderMistakes(root, paths),
    ...keysWithoutFolder(root),
    ...(inStacks ? paths.flatMap((path) => [...targetMistakes(root, path), ...keyMistakes(root, path)]) : []),
  ];
}

/** A stack has at most 200 outputs, and each secret in the stack of the function has one. */
function numberMistakes(root: unknown, count: number): Mistake[] {
  return count > MOST_IN_ONE_STACK && valueAt(root, ['stacks']) === undefined
    ? [
        {
          path: ['secrets'],
          rule: `${count} secrets do not fit into one stack, which takes ${MOST_IN_ONE_STACK}. Write stacks: 8 (for up to about 1,500), or more.`,
        },
      ]
    : [];
}

/** A secret outside of the folder would be denied at every step. */
function folderMistakes(root: unknown, paths: readonly Path[]): Mistake[] {
  const prefix = valueAt(root, FOLDER);
  if (typeof prefix !== 'string') {
    return valueAt(root, ['stacks']) === undefined
      ? []
      : [
          {
            path: ['stacks'],
            value: valueAt(root, ['stacks']),
            rule: 'Secrets in several stacks need function.secretNamePrefix: the permission of the function must not name each of them.',
          },
        ];
  }
  return paths.flatMap((path) => {
    const named = prefix.endsWith('/') ? nameAt(root, path) : undefined;
    return named === undefined || named.name.startsWith(prefix)
      ? []
      : [
          {
            path: named.path,
            value: named.value,
            rule: `The function may rotate secrets below ${prefix} only (function.secretNamePrefix).`,
          },
        ];
  });
}

function keysWithoutFolder(root: unknown): Mistake[] {
  return valueAt(root, KEYS) === undefined || valueAt(root, FOLDER) !== undefined
    ? []
    : [
        {
          path: KEYS,
          rule: 'These are the keys of a folder of secrets, and there is none. Write function.secretNamePrefix too, or kmsKeyArn in the entry of the secret.',
        },
      ];
}

/** Of an existing secret, these would travel in the environment of the function. */
function targetMistakes(root: unknown, path: Path): Mistake[] {
  if (valueAt(root, [...path, 'create']) !== undefined) {
    return [];
  }
  return ['endpoint', 'username'].flatMap((key) => {
    const value = valueAt(root, [...path, key]);
    return value === undefined
      ? []
      : [
          {
            path: [...path, key],
            value,
            rule: 'With stacks, an existing secret says this itself, so that adding it does not change the function: in its value, or an endpoint in its tag zilliz:endpoint. Delete the key here.',
          },
        ];
  });
}

/** Each key has a statement in the role of the function. */
function keyMistakes(root: unknown, path: Path): Mistake[] {
  const key = [...path, 'kmsKeyArn'];
  const value = valueAt(root, key);
  const listed = valueAt(root, KEYS);
  const known = [valueAt(root, ['defaults', 'kmsKeyArn']), ...(Array.isArray(listed) ? (listed as unknown[]) : [])];
  return typeof value !== 'string' || known.includes(value)
    ? []
    : [
        {
          path: key,
          value,
          rule: 'With stacks, the function knows the keys beforehand, so that adding a secret does not change it. List this one in function.secretKmsKeyArns.',
        },
      ];
}
