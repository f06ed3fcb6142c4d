import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../aws/aws.ts';
import type { Outcome, PastRotation, StepFailure, Told } from './past-rotation.ts';

/** The rotations that the lines of a function tell, for each secret. Lines are oldest first. */
export function rotationsInLog(lines: readonly FunctionLogLine[]): readonly PastRotation[] {
  const ofVersion = Map.groupBy(lines, ({ secretArn = '', versionId }) => `${secretArn} ${versionId}`);
  return [...ofVersion.values()].map(rotationOf);
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
    secretArn: first?.secretArn ?? '',
    kind: isTest ? 'test' : 'rotation',
    versionId: first?.versionId,
    startedAt: showsStart ? inLog(first.at) : undefined,
    endedAt: inLog((success ?? failure)?.at),
    trigger: undefined,
    outcome: inLog(outcome),
    failures: lines.flatMap(failureIn),
  };
}

function failureIn({ at, step = '', failure }: FunctionLogLine): readonly StepFailure[] {
  return failure === undefined ? [] : [{ at, step, code: failure.code, message: failure.message }];
}

function inLog<T>(value: T | undefined): Told<T> | undefined {
  return value === undefined ? undefined : { value, source: 'log' };
}
