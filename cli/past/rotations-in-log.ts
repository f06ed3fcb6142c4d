import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../aws/aws.ts';
import { type Outcome, type PastRotation, type StepFailure, withSource } from './past-rotation.ts';

/** The rotations of one secret, from its log lines. The lines must be oldest first. */
export function rotationsInLog(lines: readonly FunctionLogLine[]): readonly PastRotation[] {
  return [...Map.groupBy(lines, ({ versionId }) => versionId).values()].map(rotationOf);
}

function rotationOf(lines: readonly FunctionLogLine[]): PastRotation {
  const [first] = lines;
  const isTest = lines.every(({ step }) => step === 'testSecret');
  const success = lines.find(({ event, step }) => event === STEP_EVENT.finished && (isTest || step === 'finishSecret'));
  const last = lines.at(-1);
  const failure = success === undefined && last?.event === STEP_EVENT.failed ? last : undefined;
  const outcome: Outcome | undefined = success ? 'succeeded' : failure && 'failed';
  // Otherwise the period begins after the start of this rotation.
  const showsStart = first?.event === STEP_EVENT.started && (isTest || first.step === 'createSecret');
  return {
    kind: isTest ? 'test' : 'rotation',
    versionId: first?.versionId,
    startedAt: withSource('log', showsStart ? first.at : undefined),
    endedAt: withSource('log', (success ?? failure)?.at),
    outcome: withSource('log', outcome),
    failures: lines.flatMap(failureIn),
  };
}

function failureIn({ at, step = '', failure }: FunctionLogLine): readonly StepFailure[] {
  return failure === undefined ? [] : [{ at, step, code: failure.code, message: failure.message }];
}
