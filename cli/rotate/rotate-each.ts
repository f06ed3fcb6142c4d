import { mapConcurrently } from '../aws/map-concurrently.ts';
import { createPace, LOG_READS_PER_SECOND } from '../aws/pace.ts';
import type { SharedExaminePorts } from '../examine-ports.ts';
import { refused } from '../outcome/failure.ts';
import { explainedAt } from '../select/search.ts';
import { createProgressWriter, type ShowProgress, showAtIntervals } from '../terminal/progress.ts';
import { counted } from '../terminal/text.ts';
import type { RotateReport } from './json-schema.ts';
import { explainInterruption, isComplete, type NotProven } from './outcome.ts';
import { reportOf } from './report.ts';
import type { FailureLimit, RotateOptions } from './rotate-definition.ts';
import { byPlace, type RotatePorts, WRITES_PER_SECOND } from './rotate-ports.ts';
import { rotateSecret, type SecretToRotate } from './rotate-secret.ts';

const STOPPED = 'stopped';

/**
 * Rotates one secret or many, in each account and region at its own pace. After too many failures,
 * it starts no further rotation and follows those that run.
 *
 * @param again the command line that continues
 * @param showSteps shows each step of the only secret. `undefined`: shows how many ended
 * @returns the reports in the order of the secrets: with `--both-users`, one for each rotation
 */
export async function rotateEach(
  secrets: readonly SecretToRotate[],
  again: string,
  showSteps: ShowProgress | undefined,
  options: RotateOptions,
  ports: SharedExaminePorts,
): Promise<readonly RotateReport[]> {
  const { clock, interrupted } = ports;
  let running = 0;
  /** The last report of each secret whose rotation has ended. */
  const ended: RotateReport[] = [];
  const ofAll = createBrake(options.maxFailures, again);

  const rotatePlace = async ([place, group]: readonly [string, readonly SecretToRotate[]]) => {
    const endedHere: RotateReport[] = [];
    const ofPlace = createBrake(options.maxFailures, again);
    const stopped = AbortSignal.any([ofAll.stopped, ofPlace.stopped]);
    const reasonToStop = (name: string): NotProven | undefined =>
      interrupted.aborted ? explainInterruption(name) : stopped.reason;
    const shared: RotatePorts = {
      ...ports,
      reasonToStop,
      showProgress: showSteps,
      writes: createPace(clock, WRITES_PER_SECOND, AbortSignal.any([interrupted, stopped])),
      logReads: createPace(clock, LOG_READS_PER_SECOND, interrupted),
    };
    const rotate = async (selected: SecretToRotate): Promise<readonly RotateReport[]> => {
      const { secretId, secret: { name } = { name: secretId } } = selected;
      const reason = reasonToStop(name);
      if (reason !== undefined) {
        return [reportOf(secretId, reason)];
      }
      running += 1;
      const reports = await rotateSecret(selected, options, shared);
      running -= 1;
      // The second rotation of two users starts only after a complete first one.
      const last = reports.slice(-1);
      ended.push(...last);
      endedHere.push(...last);
      if (last.some(({ outcome }) => outcome === 'unexpected')) {
        ofAll.stop(`The command had a fault with ${name}.`);
      }
      ofPlace.check(endedHere, `secrets in ${place}`);
      // A refusal comes at once and has changed nothing, so it counts in its own place only.
      const started = ended.filter(({ outcome }) => outcome !== 'refused');
      ofAll.check(started, 'secrets whose rotation started');
      return reports;
    };
    return await mapConcurrently(group, options.concurrency, async (selected) =>
      (await rotate(selected)).map(({ error, ...report }) => ({
        ...report,
        // `again` is a command for all places.
        error: error?.code === STOPPED ? error : error && explainedAt(error, selected.connection),
      })),
    );
  };
  const places = [...byPlace(secrets)];
  const rotateAll = async () => (await mapConcurrently(places, places.length, rotatePlace)).flat(2);
  if (showSteps !== undefined) {
    return await rotateAll();
  }
  const progress = (): string => {
    const rotated = ended.filter(({ outcome }) => isComplete(outcome)).length;
    const failed = ended.filter(hasFailed).length;
    return `${ended.length} of ${secrets.length} ended: ${rotated} rotated, ${failed} not, ${running} running`;
  };
  const show = createProgressWriter(`rotating ${counted(secrets.length, 'secret')}`, options, ports);
  return await showAtIntervals(progress, show, ports, rotateAll);
}

/** Not a rotation that Ctrl-C left to AWS, or that the minimum gap does not allow yet. */
function hasFailed({ outcome, error }: RotateReport): boolean {
  return !isComplete(outcome) && !['interrupted', 'ROTATED_TOO_RECENTLY'].includes(error?.code ?? '');
}

/** A share says nothing about a few rotations. */
const SMALLEST_SAMPLE = 20;

/** Stops further rotations, with a report of each as the reason. */
function createBrake(limit: FailureLimit, again: string) {
  const controller = new AbortController();
  const advice = `Remove the cause of the failures. Then continue with \`${again}\`.`;
  const stop = (reason: string): void =>
    controller.abort(refused(STOPPED, `${reason} So no further rotation started.`, advice));
  return {
    stopped: controller.signal,
    stop,
    check: (ended: readonly RotateReport[], secrets: string): void => {
      const { length } = ended;
      const failed = ended.filter(hasFailed).length;
      const isTooMuch =
        'count' in limit ? failed > limit.count : length >= SMALLEST_SAMPLE && failed > limit.share * length;
      if (isTooMuch) {
        stop(`${failed} of the first ${length} ${secrets} did not rotate, which is more than --max-failures allows.`);
      }
    },
  };
}
