import { lambdaCostOfRotation } from '../cost/cost-model.ts';
import { digits, table } from '../pages/generated-block.ts';
import { type MemoryMeasurement, SIZES } from './measure.ts';
import { billedSeconds, cpuShare } from './share.ts';

/** The assumed memory that Lambda itself needs in a function. docs/cost.md says why. */
const RESERVE_MB = 25;

/** Whether the peak of a rotation and Lambda's own memory fit into the size. */
export function fits(memoryMb: number, { unlimited }: Pick<MemoryMeasurement, 'unlimited'>): boolean {
  return unlimited.peakMemoryMb + RESERVE_MB <= memoryMb;
}

export function memoryTable(measured: MemoryMeasurement): string {
  const { cold, warm } = measured.unlimited;
  const rows = SIZES.map((memoryMb) => {
    const limited = measured.sizes.find((size) => size.memoryMb === memoryMb);
    const coldSeconds = billedSeconds(cold, memoryMb);
    const cost = (architecture: 'arm64' | 'x86_64'): string =>
      `$${digits(1000 * lambdaCostOfRotation(coldSeconds, { memoryMb, architecture }))}`;
    return [
      `${memoryMb} MB`,
      digits(cpuShare(memoryMb)),
      `${digits(coldSeconds)} s`,
      secondsOf(limited, limited?.coldSeconds),
      `${digits(billedSeconds(warm, memoryMb))} s`,
      secondsOf(limited, limited?.warmSeconds),
      cost('arm64'),
      cost('x86_64'),
      fits(memoryMb, measured) ? 'yes' : 'no',
    ];
  });
  const heads = ['memory', 'vCPUs', 'cold, model', 'cold, measured', 'warm, model', 'warm, measured'];
  return table([...heads, '1,000 cold rotations, arm64', 'x86_64', 'the peak fits'], rows);
}

export function longLivedText({ longLived }: MemoryMeasurement): string {
  if (longLived === undefined) {
    return 'Not measured with one worker that rotates again and again.';
  }
  const { memoryMb, rotations, failed, peakMemoryMb } = longLived;
  return `One worker with ${memoryMb} MB rotated ${rotations} times in a row: ${failed} rotations failed, and its largest resident memory was ${digits(peakMemoryMb)} MB.`;
}

export function pressureTable({ underPressure }: MemoryMeasurement): string {
  const rows = underPressure.map(({ memoryMb, failedStep, logsInAfterFailure, recovers }) => [
    `${memoryMb} MB`,
    failedStep === undefined ? 'succeeds' : `fails in ${failedStep}`,
    logsInAfterFailure ? 'yes' : 'no',
    recovers ? 'yes' : 'no',
  ]);
  return table(
    ['limit', 'cold rotation', 'AWSCURRENT then logs in', 'the next attempt with enough memory succeeds'],
    rows,
  );
}

function secondsOf(limited: object | undefined, seconds: number | undefined): string {
  if (limited === undefined) {
    return 'not measured';
  }
  return seconds === undefined ? 'fails' : `${digits(seconds)} s`;
}
