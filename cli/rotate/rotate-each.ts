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
  const stopped = new AbortController();
  const stop = (reason: string): void =>
    stopped.abort(
      refused(
        STOPPED,
        `${reason} So no further rotation started.`,
        `Remove the cause of the failures. Then continue with \`${again}\`.`,
      ),
    );
  const reasonToStop = (name: string): NotProven | undefined =>
    interrupted.aborted ? explainInterruption(name) : stopped.signal.reason;

  const rotate = async (selected: SecretToRotate, shared: RotatePorts): Promise<readonly RotateReport[]> => {
    const { secretId, secret: { name } = { name: secretId } } = selected;
    const reason = reasonToStop(name);
    if (reason !== undefined) {
      return [reportOf(secretId, reason)];
    }
    running += 1;
    const reports = await rotateSecret(selected, options, shared);
    running -= 1;
    // The second rotation of two users starts only after a complete first one.
    ended.push(...reports.slice(-1));
    if (reports.at(-1)?.outcome === 'unexpected') {
      stop(`The command had a fault with ${name}.`);
    }
    const failed = ended.filter(hasFailed).length;
    if (exceeds(options.maxFailures, failed, ended.length)) {
      stop(`${failed} of the first ${ended.length} secrets did not rotate, which is more than --max-failures allows.`);
    }
    return reports;
  };

  const rotatePlace = async (group: readonly SecretToRotate[]) => {
    const shared: RotatePorts = {
      ...ports,
      reasonToStop,
      showProgress: showSteps,
      writes: createPace(clock, WRITES_PER_SECOND, AbortSignal.any([interrupted, stopped.signal])),
      logReads: createPace(clock, LOG_READS_PER_SECOND, interrupted),
    };
    return await mapConcurrently(group, options.concurrency, async (selected) =>
      (await rotate(selected, shared)).map(({ error, ...report }) => ({
        ...report,
        // `again` is a command for all places.
        error: error?.code === STOPPED ? error : error && explainedAt(error, selected.connection),
      })),
    );
  };
  const places = [...byPlace(secrets).values()];
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

function exceeds(limit: FailureLimit, failed: number, ended: number): boolean {
  return 'count' in limit ? failed > limit.count : ended >= SMALLEST_SAMPLE && failed > limit.share * ended;
}
