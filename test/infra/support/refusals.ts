import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { type AnyNode, type CallExpression, parse } from 'acorn';
import { expect } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** An input that synth refuses, and the input after each piece of advice in the message. */
export interface Refusal {
  /** Throws. */
  readonly wrong: () => unknown;
  /** Parts of the message. */
  readonly says: readonly string[];
  readonly fixed: ReadonlyArray<() => unknown>;
}

/** The message. `undefined` if the input is accepted. */
export function refusalOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

/** Part of the passwords in wrong inputs, and a line of a private key. */
const SECRET_TEXT = /Hunter2|^[A-Za-z0-9+/=]{40,64}$/m;

/**
 * Expects the message of the wrong input, without the password or the private key that the input
 * may have, and that each of the other inputs is accepted.
 */
export function expectAdvice({ wrong, says, fixed }: Refusal): void {
  const message = refusalOf(wrong);
  for (const part of says) {
    expect(message).toContain(part);
  }
  expect(message).not.toMatch(SECRET_TEXT);
  expect(fixed.length).toBeGreaterThan(0);
  expect(fixed.map(refusalOf)).toEqual(fixed.map(() => undefined));
}

/** A text in the source of the constructs that may become a refusal at synth. */
export interface RefusalText {
  /** `infra/rules/fields.ts:30` */
  readonly place: string;
  /** Matches a message with this text. Values that the code inserts match anything. */
  readonly pattern: RegExp;
}

/** Properties whose texts reach a template, a file or a warning, and not a refusal. */
const OTHER_TEXTS = ['description', 'reason', 'title', 'sentence', 'message', 'generateStringKey'];

/** Modules whose errors synth shows as they are. */
const RULES_OF_CLUSTERS = ['protocol/cluster/endpoint.ts', 'protocol/cluster/password-policy.ts'];

/** Errors of the build, not of synth. */
const BUILD = ['infra/configuration/generated-files.ts'];

/**
 * Every sentence in the modules of `infra/`, except descriptions of keys, warnings and texts of
 * resources. A new refusal is found wherever it is written.
 */
export function refusalTexts(): RefusalText[] {
  return [...globSync('infra/**/*.ts', { cwd: ROOT }), ...RULES_OF_CLUSTERS]
    .filter((file) => !BUILD.includes(file))
    .toSorted()
    .flatMap((file) => {
      const code = stripTypeScriptTypes(readFileSync(join(ROOT, file), 'utf8'));
      const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
      return [...sentencesIn(tree)].map(({ parts, line }) => ({
        place: `${file}:${line}`,
        pattern: new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]*')),
      }));
    });
}

interface Sentence {
  readonly parts: readonly string[];
  readonly line: number;
}

function* sentencesIn(node: AnyNode): Generator<Sentence> {
  const parts = partsOf(node);
  if (parts !== undefined && isSentence(parts.join('…'))) {
    yield { parts, line: node.loc?.start.line ?? 0 };
  }
  for (const child of childrenOf(node)) {
    yield* sentencesIn(child);
  }
}

/** Two words or more that end with a full stop, or with a value after a full stop. */
function isSentence(text: string): boolean {
  return /\S .*\.…?$/s.test(text);
}

/** The constant parts of a text. */
function partsOf(node: AnyNode): string[] | undefined {
  if (node.type === 'Literal') {
    return typeof node.value === 'string' ? [node.value] : undefined;
  }
  return node.type === 'TemplateLiteral' ? node.quasis.map(({ value }) => value.cooked ?? '') : undefined;
}

function childrenOf(node: AnyNode): AnyNode[] {
  if (node.type === 'Property' && isOtherText(node.key)) {
    return [];
  }
  const fields = node.type === 'CallExpression' ? fieldsOfCall(node) : Object.values(node);
  return fields.flat().filter((value): value is AnyNode => typeof (value as AnyNode | null)?.type === 'string');
}

function isOtherText(key: AnyNode): boolean {
  return key.type === 'Identifier' && OTHER_TEXTS.includes(key.name);
}

/** Leaves out the description of a key, and warnings. */
function fieldsOfCall({ callee, arguments: given }: CallExpression): unknown[] {
  const name = callee.type === 'Identifier' ? callee.name : '';
  const method =
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : '';
  if (method === 'describe' || method === 'addWarningV2') {
    return [callee];
  }
  return [callee, ...(name === 'optional' ? given.slice(0, 1) : given)];
}
