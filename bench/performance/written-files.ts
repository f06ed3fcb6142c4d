import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../local/project.ts';
import { type HelpResults, readHelpResults } from '../cli-help/results.ts';
import { pageOf } from './page.ts';
import { plotsOf } from './plots.ts';
import type { Results } from './results.ts';

export const RESULTS: string = join(PROJECT, 'bench', 'results', 'performance.json');

/** The page and its plots: the content by path, relative to the project. */
export function documentsOf(results: Results, help: HelpResults): Map<string, string> {
  const plots = [...plotsOf(results)].map(([file, svg]) => [`docs/images/${file}`, svg] as const);
  return new Map([['docs/performance.md', pageOf(results, help)], ...plots]);
}

export function writeDocuments(results: Results, help: HelpResults = readHelpResults()): void {
  mkdirSync(join(PROJECT, 'docs', 'images'), { recursive: true });
  for (const [path, content] of documentsOf(results, help)) {
    writeFileSync(join(PROJECT, path), content);
  }
}
