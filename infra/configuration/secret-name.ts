import { nameInArn } from './configuration.ts';
import { type Path, valueAt } from './mistake.ts';
import { SECRET_KINDS } from './secret-schema.ts';

/** The name in Secrets Manager of the entry at this path of an unchecked file, with the place and text that tell it. */
export function nameAt(root: unknown, path: Path): { path: Path; value: string; name: string } | undefined {
  for (const kind of SECRET_KINDS) {
    const value = valueAt(root, [...path, kind]);
    if (typeof value === 'string') {
      return { path: [...path, kind], value, name: kind === 'arn' ? (nameInArn(value) ?? value) : value };
    }
  }
  return undefined;
}
