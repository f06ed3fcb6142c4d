import type * as z from 'zod';
import { type Mistake, type Path, valueAt } from '../rules/mistake.ts';
import { SECRET_KINDS } from './schema/secret-schema.ts';

type Issue = z.core.$ZodIssue;

/** Converts the issues of the schema to mistakes. */
export function mistakesOf(issues: readonly Issue[], root: unknown): Mistake[] {
  return issues.flatMap((issue) => mistakesOfIssue(issue, issue.path, root));
}

function mistakesOfIssue(issue: Issue, path: Path, root: unknown): Mistake[] {
  if (issue.code === 'invalid_union') {
    return mistakesOfSecret(issue.errors, path, root);
  }
  if (issue.code === 'unrecognized_keys') {
    // The mistake omits the value, because the value of `password:` must not reach a build log.
    return issue.keys.map((key) => ({ path: [...path, key], key: true, rule: issue.message }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, key: true, rule: issue.issues[0]?.message ?? issue.message }];
  }
  const value = valueAt(root, path);
  return [value === undefined ? { path, rule: `Missing. ${issue.message}` } : { path, value, rule: issue.message }];
}

/** The union has the issues of all three kinds. Only the kind of the entry matters. */
function mistakesOfSecret(issuesByKind: readonly Issue[][], path: Path, root: unknown): Mistake[] {
  const entry = valueAt(root, path);
  const kinds = typeof entry === 'object' && entry !== null ? SECRET_KINDS.filter((kind) => kind in entry) : [];
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const present = kind === undefined ? 'none of them' : kinds.join(' and ');
    return [
      {
        path,
        rule: `An entry needs exactly one of create, name and arn. This entry has ${present}. Write create for a new secret, and name or arn for an existing secret.`,
      },
    ];
  }
  const issues = issuesByKind[SECRET_KINDS.indexOf(kind)] ?? [];
  return issues.flatMap((issue) => mistakesOfIssue(issue, [...path, ...issue.path], root));
}
