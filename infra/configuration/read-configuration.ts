import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { sentenceOf, valueAt } from '../rules/problem.ts';
import { type Configuration, configurationSchema } from './configuration.ts';
import { crossProblems } from './cross-checks.ts';
import type { DeploymentPlace } from './location-checks.ts';
import { type Position, positionOf, schemaProblems } from './schema-problems.ts';

/** The file has problems. Each has a line in the message: position, path, value and rule. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError' as const;
}

/**
 * Reads and checks a configuration file.
 *
 * @param deployment Where the stacks will be, if known. The ARNs in the file must be there.
 * @throws ConfigurationError that lists all wrong keys, or, if every key is right by itself, all
 * keys that contradict each other.
 */
export function readConfiguration(file: string, deployment: DeploymentPlace = {}): Configuration {
  return parseConfiguration(textOf(file), file, deployment);
}

/**
 * @param file The file of the text. Messages name it, and paths in the text are relative to it.
 */
export function parseConfiguration(text: string, file: string, deployment: DeploymentPlace = {}): Configuration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  // A warning says that the value is another one than it seems: !Ref of CloudFormation, for
  // example.
  const unreadable = [...document.errors, ...document.warnings];
  if (unreadable.length > 0) {
    throw failed(
      file,
      unreadable.map((error) => ({ ...lines.linePos(error.pos[0]), sentence: error.message })),
    );
  }
  const root = contentOf(document, file);
  const checked = configurationSchema.safeParse(root);
  const problems = checked.success
    ? crossProblems(checked.data, deployment)
    : schemaProblems(checked.error.issues, root);
  if (checked.success && problems.length === 0) {
    return withAbsolutePaths(checked.data, dirname(file));
  }
  throw failed(
    file,
    problems.map((problem) => {
      const value = problem.isKey ? undefined : valueAt(root, problem.path);
      return { ...positionOf(problem, document, lines), sentence: sentenceOf(problem.path, value, problem.rule) };
    }),
  );
}

/** @throws ConfigurationError for an alias without an anchor, and for too many aliases. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    throw failed(file, [{ line: 1, col: 1, sentence: (error as ReferenceError).message }]);
  }
}

function withAbsolutePaths(configuration: Configuration, directory: string): Configuration {
  const { caFile } = configuration.function;
  return caFile === undefined
    ? configuration
    : { ...configuration, function: { ...configuration.function, caFile: resolve(directory, caFile) } };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new ConfigurationError(
      `The configuration file ${file} ${why}. Copy rotation.yaml from the package and fill it in, or write cdk deploy -c config=FILE to use another file.`,
    );
  }
}

function failed(file: string, problems: readonly (Position & { sentence: string })[]): ConfigurationError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.col - b.col);
  const name = basename(file);
  const count = `${sorted.length} ${sorted.length === 1 ? 'problem' : 'problems'}`;
  const lines = sorted.map(({ line, col, sentence }) => `  ${name}:${line}:${col}  ${sentence}`);
  return new ConfigurationError(`${count} in ${name}; nothing was deployed.\n${lines.join('\n')}`);
}
