import type * as z from 'zod';
import { SECRET_KINDS } from './secret-schema.ts';

/** Where something stands in the file: `['secrets', 0, 'schedule']`. */
export type Path = readonly PropertyKey[];

/** One thing that is wrong in the file, before anyone knows on which line. */
export interface Mistake {
  readonly path: Path;
  /** The value is shown, except where it is absent or may hold a password. */
  readonly value?: unknown;
  /** True when the key itself is the mistake, and not what stands behind it. */
  readonly key?: true;
  /** What is allowed, as a sentence. */
  readonly rule: string;
}

type Issue = z.core.$ZodIssue;

/** Turns what the schema found into mistakes, one for each place. */
export function mistakesOf(issues: readonly Issue[], root: unknown): Mistake[] {
  return issues.flatMap((issue) => mistakesOfIssue(issue, issue.path, root));
}

function mistakesOfIssue(issue: Issue, path: Path, root: unknown): Mistake[] {
  if (issue.code === 'invalid_union') {
    return mistakesOfSecret(issue.errors, path, root);
  }
  if (issue.code === 'unrecognized_keys') {
    // Without the value: whoever writes `password:` here should not find it in a log of the build.
    return issue.keys.map((key) => ({ path: [...path, key], key: true, rule: issue.message }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, key: true, rule: issue.message }];
  }
  const value = valueAt(root, path);
  return [value === undefined ? { path, rule: `Missing. ${issue.message}` } : { path, value, rule: issue.message }];
}

/** An entry is judged as the kind that its keys say it is; else every mistake would be told three times. */
function mistakesOfSecret(kinds: readonly Issue[][], path: Path, root: unknown): Mistake[] {
  const entry = valueAt(root, path);
  const present = typeof entry === 'object' && entry !== null ? SECRET_KINDS.filter((kind) => kind in entry) : [];
  const [kind] = present;
  if (kind === undefined || present.length > 1) {
    const found = kind === undefined ? 'none of them' : present.join(' and ');
    return [
      {
        path,
        rule: `A secret is named by one of create, name and arn, and this has ${found}. Write create for a new secret, name or arn for an existing one.`,
      },
    ];
  }
  const issues = kinds[SECRET_KINDS.indexOf(kind)] ?? [];
  return issues.flatMap((issue) => mistakesOfIssue(issue, [...path, ...issue.path], root));
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
}
