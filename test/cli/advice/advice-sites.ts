import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { STALE_COPIES_ADVICE, STALE_USER_COPIES_ADVICE } from '../../../protocol/secret/password-copies.ts';

/** A piece of advice in the source of the command. */
export interface AdviceSite {
  /** Interpolated values are `…`. */
  readonly text: string;
  /** Whether printed text, with single spaces, contains the advice. */
  isIn(printed: string): boolean;
  /** The command lines in it, to compare with the lines that a story runs. */
  readonly commands: readonly { readonly text: string; isRunBy(line: string): boolean }[];
  /** The options in it: `--ca-file`. */
  readonly options: readonly string[];
  /** The pages in it, with their anchors: `docs/operations.md#alarms`. */
  readonly citations: readonly string[];
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const VALUE = '…';

/** The sources of the command, by path. */
export function commandSources(): ReadonlyMap<string, string> {
  const files = globSync('cli/**/*.ts', { cwd: ROOT });
  return new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]));
}

/** Every piece of advice of the command. */
export function adviceSites(): readonly AdviceSite[] {
  const texts = [...commandSources().values()].flatMap((source) =>
    advisedTexts(parseSync(source, { syntax: 'typescript', target: 'es2024' })),
  );
  const unique = new Set([...texts, STALE_COPIES_ADVICE, STALE_USER_COPIES_ADVICE].map(withSingleSpaces));
  // A template of values alone, such as `${first} ${second}`, advises nothing of its own.
  return [...unique].filter((text) => /[a-z]/i.test(text)).map(siteOf);
}

export function withSingleSpaces(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

type Tree = Readonly<Record<string, unknown>>;

/** The templates with the tag `advise`, and the texts that their expressions choose from. */
function advisedTexts(node: unknown): string[] {
  if (Array.isArray(node)) {
    return node.flatMap(advisedTexts);
  }
  if (node === null || typeof node !== 'object') {
    return [];
  }
  const { type, tag, template } = node as Tree & { tag?: Tree; template?: Tree };
  if (type === 'TaggedTemplateExpression' && tag?.['value'] === 'advise') {
    const { quasis, expressions } = template as { quasis: { cooked: string }[]; expressions: unknown[] };
    return [
      quasis.map(({ cooked }) => cooked).join(VALUE),
      ...expressions.flatMap(textsIn),
      ...advisedTexts(expressions),
    ];
  }
  return Object.values(node).flatMap(advisedTexts);
}

/** Sentences in an expression. A single word is no advice. */
function textsIn(node: unknown): string[] {
  if (node === null || typeof node !== 'object') {
    return [];
  }
  const { type, value } = node as Tree;
  if (type === 'StringLiteral') {
    return /\w \w/.test(String(value)) ? [String(value)] : [];
  }
  return type === 'TaggedTemplateExpression' ? [] : Object.values(node).flatMap(textsIn);
}

function siteOf(text: string): AdviceSite {
  const commands = [...text.matchAll(/`((?:zilliz-rotation|aws|npx) [^`]+)`/g)].map(([, line = '']) => ({
    text: line,
    isRunBy: (run: string) => contains(`^${run}$`, `^${line}$`),
  }));
  // A sentence that advises against an option is no advice to give it.
  const prose = text.replaceAll(/`[^`]*`|Do not [^.]*\./g, '');
  const options = [...prose.matchAll(/(?<![\w-])--[a-z][a-z-]*[a-z]/g)].map(String);
  const citations = [...text.matchAll(/docs\/[\w/-]+\.md(#[\w-]+)?/g)].map(([citation]) => citation);
  return { text, isIn: (printed) => contains(printed, text), commands, options: [...new Set(options)], citations };
}

/** Whether a text contains a template, with any text in the place of each value. */
function contains(whole: string, template: string): boolean {
  let from = 0;
  return template.split(VALUE).every((part) => {
    const found = whole.indexOf(part, from);
    from = found + part.length;
    return found !== -1;
  });
}
