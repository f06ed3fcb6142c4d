import type { AwsError } from '../aws/aws-error.ts';
import type { InspectedFunction, Inspection } from '../aws/inspection.ts';
import type { Examination } from '../examine/examination.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import type { DoctorOptions } from './doctor-definition.ts';
import type { CheckResult } from './json-schema.ts';

export type Answer = Omit<CheckResult, 'check'>;

export type Answers = Answer | readonly Answer[];

export function pass(reason: string): Answer {
  return { status: 'pass', reason, fix: null };
}

export function warning(reason: string, fix: string): Answer {
  return { status: 'warning', reason, fix };
}

export function fail(reason: string, fix: string): Answer {
  return { status: 'fail', reason, fix };
}

export function unknown(reason: string, fix: string | null = null): Answer {
  return { status: 'unknown', reason, fix };
}

export interface DoctorContext {
  readonly ports: ExaminePorts;
  readonly options: DoctorOptions;
  readonly inspection: Inspection;
  readonly examination: Examination;
  /** `undefined`: the secret names no function. */
  readonly rotationFunction: InspectedFunction | AwsError | undefined;
}

/** @throws AwsError, after which the result is `unknown` */
export type DoctorCheck = (context: DoctorContext) => Answers | Promise<Answers>;

/** @param what is not known if the function was not read */
export function ofFunction(
  what: string,
  check: (deployed: InspectedFunction, context: DoctorContext) => Answers | Promise<Answers>,
): DoctorCheck {
  return (context) => {
    const { rotationFunction: deployed } = context;
    return deployed === undefined || deployed instanceof Error
      ? unknown(`${what} is not known, because the function was not read.`)
      : check(deployed, context);
  };
}
