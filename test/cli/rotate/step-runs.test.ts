import { describe, expect, it } from 'vitest';
import type { FunctionLogLine } from '../../../cli/aws/aws.ts';
import { failedRun, toStepRuns } from '../../../cli/rotate/step-runs.ts';
import { UNREACHABLE } from '../support/rotations.ts';

function lines(...texts: string[]): FunctionLogLine[] {
  return texts.map((text, index) => {
    const [step, event] = text.split(' ');
    const failure = event === 'step-failed' ? UNREACHABLE : undefined;
    return {
      versionId: 'v',
      secretArn: undefined,
      at: index,
      event: event ?? '',
      step,
      message: text,
      durationMs: 10,
      failure,
    };
  });
}

function runsOf(...texts: string[]): string[] {
  return toStepRuns(lines(...texts)).map(({ attempt, step, outcome }) => `${attempt} ${step} ${outcome}`);
}

describe('step runs', () => {
  it('end with the log line that ends the step', () => {
    expect(runsOf('createSecret step-started', 'createSecret step-finished', 'setSecret step-started')).toEqual([
      '1 createSecret finished',
      '1 setSecret running',
    ]);
  });

  it('count an attempt for each start of createSecret, also after an attempt without an end', () => {
    expect(
      runsOf(
        'createSecret step-started',
        'createSecret step-finished',
        'setSecret step-started',
        'createSecret step-started',
        'createSecret step-failed',
        'createSecret step-started',
      ),
    ).toEqual(['1 createSecret finished', '1 setSecret running', '2 createSecret failed', '3 createSecret running']);
  });

  it('have a failed run only until the next attempt starts', () => {
    const failed = ['createSecret step-started', 'createSecret step-failed'];

    expect(failedRun(toStepRuns(lines(...failed)))).toMatchObject({ step: 'createSecret', failure: UNREACHABLE });
    expect(failedRun(toStepRuns(lines(...failed, 'createSecret step-started')))).toBeUndefined();
  });

  it('include a step whose start was not logged, and ignore other events', () => {
    expect(runsOf('setSecret candidate-tried', 'setSecret step-finished')).toEqual(['1 setSecret finished']);
  });
});
