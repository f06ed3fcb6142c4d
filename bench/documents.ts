import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../local/project.ts';
import type { BulkMeasurement } from './bulk/measure.ts';
import { bulkBlocks } from './bulk/page.ts';
import { continuityBlocks, continuityPictures } from './continuity/page.ts';
import type { ContinuityResults } from './continuity/results.ts';
import { costBlocks } from './cost/page.ts';
import type { MemoryMeasurement } from './memory/measure.ts';
import { withBlocks } from './pages/generated-block.ts';
import { performanceBlocks } from './performance/page.ts';
import { plotsOf } from './performance/plots.ts';
import type { HelpResults, Results } from './performance/results.ts';
import type { FleetMeasurement } from './rotations/measure.ts';
import { rotationsBlocks } from './rotations/page.ts';

/** The files in bench/results. */
interface StoredResults {
  readonly bulk: BulkMeasurement;
  readonly 'cli-help': HelpResults;
  readonly continuity: ContinuityResults;
  readonly memory: MemoryMeasurement;
  readonly performance: Results;
  readonly rotations: FleetMeasurement;
}

const fileOf = (name: keyof StoredResults): string => join(PROJECT, 'bench', 'results', `${name}.json`);

/** The results of the last run. */
export function readResults<Name extends keyof StoredResults>(name: Name): StoredResults[Name] {
  return JSON.parse(readFileSync(fileOf(name), 'utf8')) as StoredResults[Name];
}

/** Stores the results of a run, then writes the tables and pictures of all pages with results. */
export function storeResults<Name extends keyof StoredResults>(name: Name, results: StoredResults[Name]): void {
  writeFileSync(fileOf(name), `${JSON.stringify(results, null, 2)}\n`);
  writeDocuments();
}

/** The pages and the pictures that show results: the content by path, relative to the project. */
export function documents(): Map<string, string> {
  const continuity = readResults('continuity');
  const performance = readResults('performance');
  const pages = {
    'docs/continuity.md': continuityBlocks(continuity),
    'docs/cost.md': costBlocks(readResults('memory')),
    'docs/fleets.md': { ...rotationsBlocks(readResults('rotations')), ...bulkBlocks(readResults('bulk')) },
    'docs/performance.md': performanceBlocks(performance, readResults('cli-help')),
  };
  const pictures = [...continuityPictures(continuity), ...plotsOf(performance)];
  return new Map([
    ...Object.entries(pages).map(
      ([path, blocks]) => [path, withBlocks(readFileSync(join(PROJECT, path), 'utf8'), blocks)] as const,
    ),
    ...pictures.map(([file, picture]) => [`docs/images/${file}`, picture] as const),
  ]);
}

function writeDocuments(): void {
  mkdirSync(join(PROJECT, 'docs', 'images'), { recursive: true });
  for (const [path, content] of documents()) {
    writeFileSync(join(PROJECT, path), content);
  }
}

// `npm run generate` runs this file.
if (import.meta.main) {
  writeDocuments();
}
