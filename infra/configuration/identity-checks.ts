import { nameInArn } from './configuration.ts';
import { type Mistake, type Path, valueAt } from './mistake.ts';
import { nameAt } from './secret-name.ts';

/** What must be there once, and what must be the same for all. */
export function identityMistakes(root: unknown, paths: readonly Path[]): Mistake[] {
  return [
    ...sameSecrets(root, paths),
    ...otherPlaces(root, paths),
    ...[
      ['function', 'secretKmsKeyArns'],
      ['function', 'vpc', 'subnetIds'],
      ['function', 'vpc', 'securityGroupIds'],
      ...paths.map((path) => [...path, 'replicaRegions']),
    ].flatMap((path) => repeats(root, path)),
  ];
}

/**
 * Two schedules for one secret would undo each other, and the second would fail half-way through a deployment. Of two names that
 * differ in `/` and `--` alone, CDK makes the same.
 */
function sameSecrets(root: unknown, paths: readonly Path[]): Mistake[] {
  const first = new Map<string, { readonly index: number; readonly name: string }>();
  return paths.flatMap((path, index) => {
    const named = nameAt(root, path);
    if (named === undefined) {
      return [];
    }
    const id = named.name.replaceAll('/', '--');
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, { index, name: named.name });
      return [];
    }
    const rule =
      earlier.name === named.name
        ? `This is the secret of secrets[${earlier.index}] again. List each secret once.`
        : `CDK cannot tell this name from that of secrets[${earlier.index}], ${earlier.name}: it writes / as --. Put one of them into another file, with a stackName of its own.`;
    return [{ path: named.path, value: named.value, rule }];
  });
}

/** The function may be called for secrets of its own account, and is deployed in one region. */
function otherPlaces(root: unknown, paths: readonly Path[]): Mistake[] {
  const arns = paths.flatMap((path) => {
    const arn = valueAt(root, [...path, 'arn']);
    return typeof arn === 'string' && nameInArn(arn) !== undefined ? [{ path: [...path, 'arn'], arn }] : [];
  });
  const [first] = arns;
  return arns.flatMap(({ path, arn }) =>
    first === undefined || placeOf(arn) === placeOf(first.arn)
      ? []
      : [
          {
            path,
            value: arn,
            rule: `This secret is in ${placeOf(arn)}, and ${String(first.path[0])}[${String(first.path[1])}] in ${placeOf(first.arn)}. A file is for one account and region: write another file for it, or for a function that rotates secrets of another account see docs/multi-account.md.`,
          },
        ],
  );
}

function placeOf(arn: string): string {
  const [, , , region, account] = arn.split(':');
  return `account ${account}, region ${region}`;
}

function repeats(root: unknown, path: Path): Mistake[] {
  const list = valueAt(root, path);
  return Array.isArray(list)
    ? list.flatMap((value: unknown, index) => {
        const earlier = list.indexOf(value);
        return earlier === index
          ? []
          : [
              {
                path: [...path, index],
                value,
                rule: `This is number ${earlier + 1} of the list again. List each once.`,
              },
            ];
      })
    : [];
}
