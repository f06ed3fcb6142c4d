import { AwsError } from '../aws/aws-error.ts';
import type { FunctionLog } from '../aws/function-log.ts';
import type { TellProgress } from './progress.ts';
import { type StepRun, type Story, tellStory } from './story.ts';

/** The clocks of this machine and of AWS may differ. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Reads the function's log again at every call, and tells which steps are new. A log that cannot be read is noted
 * once and no longer asked for: the labels alone then say how the rotation goes.
 */
export function createStoryReader(
  of: { token: string; startedAt: number },
  log: FunctionLog,
  tell: TellProgress,
): () => Promise<Story> {
  const told = new Set<string>();
  let story = tellStory([]);
  let readable = true;
  return async () => {
    if (!readable) {
      return story;
    }
    try {
      story = tellStory(await log.lines(of.token, of.startedAt - CLOCK_SKEW_MS));
    } catch (error) {
      if (!(error instanceof AwsError)) {
        throw error;
      }
      // The log group appears with the function's first line, so its absence is no news.
      if (!error.passing && error.kind !== 'not-found') {
        readable = false;
        tell({
          kind: 'note',
          text: `The function's log cannot be read, so its steps stay unknown and a failure shows only when the time is up. ${error.message}`,
        });
      }
      return story;
    }
    for (const run of story.steps) {
      if (!told.has(keyOf(run))) {
        told.add(keyOf(run));
        tell({ kind: 'step', run });
      }
    }
    return story;
  };
}

function keyOf({ attempt, step, outcome }: StepRun): string {
  return `${attempt} ${step} ${outcome}`;
}
