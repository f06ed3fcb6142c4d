import { type Document, isMap, isNode, isScalar, type LineCounter } from 'yaml';
import type * as z from 'zod';
import { type Path, type Problem, valueAt } from '../rules/problem.ts';
import { SECRET_KINDS } from './secret-keys.ts';

type Issue = z.core.$ZodIssue;

/**
 * Converts the issues of the schema to problems.
 *
 * @param at The path of the value with the issues, in the root.
 */
export function schemaProblems(issues: readonly Issue[], root: unknown, at: Path = []): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, [...at, ...issue.path], root));
}

function problemsOfIssue(issue: Issue, path: Path, root: unknown): Problem[] {
  if (issue.code === 'invalid_union') {
    return problemsOfSecret(issue.errors, path, root);
  }
  if (issue.code === 'unrecognized_keys') {
    // The value of a key such as `password` must not reach a build log.
    return issue.keys.map((key) => ({ path: [...path, key], isKey: true, rule: issue.message }));
  }
  return [{ path, rule: valueAt(root, path) === undefined ? `Missing. ${issue.message}` : issue.message }];
}

/** The union has the issues of all three kinds. Only the kind of the entry matters. */
function problemsOfSecret(issuesByKind: readonly Issue[][], path: Path, root: unknown): Problem[] {
  const [kind, ...others] = SECRET_KINDS.filter((key) => valueAt(root, [...path, key]) !== undefined);
  if (kind === undefined || others.length > 0) {
    const present = kind === undefined ? 'none of them' : [kind, ...others].join(' and ');
    const rule = `An entry needs exactly one of create, name and arn. This entry has ${present}. Write create for a new secret, and name or arn for an existing secret.`;
    return [{ path, rule }];
  }
  return schemaProblems(issuesByKind[SECRET_KINDS.indexOf(kind)] ?? [], root, path);
}

/** Line and column start at 1, as in editors. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/**
 * The position of the wrong value, or of the key if the key is wrong. If the value is absent, the
 * position of the map or list around it.
 */
export function positionOf({ path, isKey }: Problem, document: Document, lines: LineCounter): Position {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const offset = (isKey ? undefined : valueOffset(part, document)) ?? keyOffset(part, document);
    if (offset !== undefined) {
      return lines.linePos(offset);
    }
  }
  return { line: 1, col: 1 };
}

function valueOffset(path: Path, document: Document): number | undefined {
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** For a key without a value, and for an unknown key. */
function keyOffset(path: Path, document: Document): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}
