import { type Mistake, mistakeIf, type Path, valueAt } from '../../rules/mistake.ts';
import { nameAt } from '../secret-name.ts';

/** Duplicate secrets and list items. */
export function identityMistakes(root: unknown, entries: readonly Path[]): Mistake[] {
  return [
    ...duplicateSecrets(root, entries),
    ...[
      ['function', 'secretKmsKeyArns'],
      ['function', 'vpc', 'subnetIds'],
      ['function', 'vpc', 'securityGroupIds'],
      ['function', 'vpc', 'privateLink', 'clientSecurityGroupIds'],
      ...entries.map((entry) => [...entry, 'replicaRegions']),
    ].flatMap((path) => duplicateItems(root, path)),
  ];
}

/**
 * Two schedules for one secret would overwrite each other, and the second would fail during the
 * deployment. CDK builds the same construct id from two names that differ only in `/` and `--`.
 */
function duplicateSecrets(root: unknown, entries: readonly Path[]): Mistake[] {
  const first = new Map<string, { readonly index: number; readonly name: string }>();
  return entries.flatMap((entry, index) => {
    const named = nameAt(root, entry);
    if (named === undefined) {
      return [];
    }
    const { path, value, name } = named;
    const id = name.replaceAll('/', '--');
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, { index, name });
      return [];
    }
    const rule =
      earlier.name === name
        ? `secrets[${earlier.index}] names the same secret. Write each secret once.`
        : `CDK cannot distinguish this name from ${earlier.name} of secrets[${earlier.index}], because it replaces / with --. Move one of the two secrets to another file with its own stackName.`;
    return [{ path, value, rule }];
  });
}

function duplicateItems(root: unknown, path: Path): Mistake[] {
  const list = valueAt(root, path);
  return Array.isArray(list)
    ? list.flatMap((value: unknown, index) => {
        const first = list.indexOf(value);
        const rule = `Item ${first + 1} is the same. Write each item once.`;
        return mistakeIf(first !== index, root, [...path, index], rule);
      })
    : [];
}
