import { readFileSync } from 'node:fs';
import type { Spread } from '../performance/results.ts';

export const HELP_RESULTS: URL = new URL('../results/cli-help.json', import.meta.url);

/** The CPU time of a cold --help, user and system. */
export const HELP_TARGET_MS = 150;

export interface HelpResults {
  readonly date: string;
  readonly node: string;
  readonly runs: number;
  /** CPU time of `zilliz-rotation --help` from the start of the process to its end. */
  readonly helpMs: Spread;
  /** The same of `node -e 0`. */
  readonly nodeMs: Spread;
}

export function readHelpResults(): HelpResults {
  return JSON.parse(readFileSync(HELP_RESULTS, 'utf8')) as HelpResults;
}
