import { describe, expect, it } from 'vitest';
import type { FunctionLogLine } from '../../../cli/aws/function-log.ts';
import { tellStory } from '../../../cli/rotate/story.ts';
import { UNREACHABLE } from '../support/rotations.ts';

function lines(...told: string[]): FunctionLogLine[] {
  return told.map((text, index) => {
    const [step, event] = text.split(' ');
    const failure = event === 'step-failed' ? UNREACHABLE : undefined;
    return { id: String(index), at: index, event: event ?? '', step, message: text, durationMs: 10, failure };
  });
}

function summary(...told: string[]): string[] {
  return tellStory(lines(...told)).steps.map(({ attempt, step, outcome }) => `${attempt} ${step} ${outcome}`);
}

describe('the story of a rotation', () => {
  it('closes a step with the line that ends it', () => {
    expect(summary('createSecret step-started', 'createSecret step-finished', 'setSecret step-started')).toEqual([
      '1 createSecret finished',
      '1 setSecret running',
    ]);
  });

  it('counts a further attempt at each new beginning, also after one that ended without a word', () => {
    expect(
      summary(
        'createSecret step-started',
        'createSecret step-finished',
        'setSecret step-started',
        'createSecret step-started',
        'createSecret step-failed',
        'createSecret step-started',
      ),
    ).toEqual(['1 createSecret finished', '1 setSecret running', '2 createSecret failed', '3 createSecret running']);
  });

  it('tells a failure only as long as no further attempt has begun', () => {
    const failed = ['createSecret step-started', 'createSecret step-failed'];

    expect(tellStory(lines(...failed)).failed).toMatchObject({ step: 'createSecret', failure: UNREACHABLE });
    expect(tellStory(lines(...failed, 'createSecret step-started')).failed).toBeUndefined();
  });

  it('takes the end of a step whose beginning was not logged, and passes over other events', () => {
    expect(summary('setSecret candidate-tried', 'setSecret step-finished')).toEqual(['1 setSecret finished']);
  });
});
