import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { InspectedFunction, Inspection } from '../aws/inspection.ts';
import type { NetworkProbe } from '../cluster/network-probe.ts';
import type { Examination } from '../examine/examination.ts';
import { type ExaminationResult, type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import type { Finding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Answers, unknown } from './check.ts';

export interface DoctorPorts extends ExaminePorts {
  /** Of this command. */
  readonly version: string;
  readonly networkProbe: NetworkProbe;
  /** PEM of `--ca-file`. */
  readonly privateCa: string | undefined;
  /** Whether the environment sends requests through a proxy. */
  readonly usesProxy: boolean;
}

/** What all checks of one secret share. */
export interface DoctorContext {
  readonly ports: DoctorPorts;
  readonly inspection: Inspection;
  readonly examination: Examination;
  readonly findings: readonly Finding[];
  /** `absent`: the secret names no function, or the function was deleted. */
  readonly rotationFunction: InspectedFunction | 'absent' | AwsError;
  /** The lines about the version in AWSCURRENT. */
  readonly log: readonly FunctionLogLine[] | AwsError;
}

export type Check = (context: DoctorContext) => Answers | Promise<Answers>;

/** Reads what the checks need. Changes nothing. */
export async function readContext(
  secretId: string,
  ports: DoctorPorts,
): Promise<DoctorContext | Extract<ExaminationResult, { kind: 'refused' }>> {
  const examination = await examineSecret(secretId, ports);
  if (examination.kind === 'refused') {
    return examination;
  }
  const inspection = await ports.aws.inspect();
  const functionArn = examination.secret.rotationFunctionArn;
  const rotationFunction =
    functionArn === undefined
      ? 'absent'
      : ((await catchKnown(inspection.rotationFunction(functionArn), AwsError)) ?? 'absent');
  return {
    ports,
    inspection,
    examination,
    findings: findingsOf(examination, ports.clock.now()),
    rotationFunction,
    log: functionArn === undefined ? [] : await catchKnown(readLog(examination, functionArn, ports), AwsError),
  };
}

/** How long before the creation of the version the command starts to read the log. */
const LOG_BEFORE_VERSION_MS = 3_600_000;

async function readLog(
  { secret, versions }: Examination,
  functionArn: string,
  { aws }: DoctorPorts,
): Promise<readonly FunctionLogLine[]> {
  const current = versions.find(({ versionId }) => versionId === holderOf(secret, AWSCURRENT));
  return current === undefined
    ? []
    : await aws.functionLog(functionArn).readLines(current.versionId, current.createdAt - LOG_BEFORE_VERSION_MS);
}

/** When the function last finished a step of the current version, as text. */
export function lastFinished({ log }: DoctorContext, step: string): string | undefined {
  const line =
    log instanceof AwsError
      ? undefined
      : log.findLast((logged) => logged.step === step && logged.event === STEP_EVENT.finished);
  return line && new Date(line.at).toISOString();
}

/** @returns `undefined` if the function does not exist or could not be read */
export function functionOf({ rotationFunction: found }: DoctorContext): InspectedFunction | undefined {
  return found === 'absent' || found instanceof AwsError ? undefined : found;
}

/** @param what is not known if the function was not read */
export function ofFunction(
  what: string,
  check: (deployed: InspectedFunction, context: DoctorContext) => Answers | Promise<Answers>,
): Check {
  return (context) => {
    const deployed = functionOf(context);
    return deployed === undefined
      ? unknown(`${what} is not known, because the function was not read.`)
      : check(deployed, context);
  };
}
