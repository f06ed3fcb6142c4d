import { mapConcurrently } from '../../aws/map-concurrently.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { refused } from '../../outcome/failure.ts';
import { explainedAt } from '../../select/search.ts';
import { createProgressWriter, showAtIntervals } from '../../terminal/progress.ts';
import { counted } from '../../terminal/text.ts';
import { rotateAsAsked } from '../after-leak.ts';
import type { Ready } from '../check-secret.ts';
import { explainInterruption } from '../explain.ts';
import type { RotateReport } from '../json-schema.ts';
import { isComplete, reportOf } from '../report.ts';
import type { FailureLimit, RotateOptions } from '../rotate-definition.ts';
import { createRotatePorts } from '../rotate-ports.ts';
import { byPlace, type FleetPlan } from './plan.ts';

const STOPPED = 'stopped';

/**
 * Rotates the planned secrets, in each account and region at its own pace. After too many
 * failures, it starts no further rotation and follows those that run. Shows its progress.
 *
 * @param again the command line that continues
 * @returns the reports in the order of the plan: with `--both-users`, one for each rotation
 */
export async function rotateFleet(
  { secrets }: FleetPlan,
  again: string,
  options: RotateOptions,
  ports: CommandPorts,
): Promise<readonly RotateReport[]> {
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
  const shared = createRotatePorts(options, ports, stopped.signal);

  const rotate = async ({ secretId, secret, aws, users }: Ready): Promise<readonly RotateReport[]> => {
    const reason = ports.interrupted.aborted ? explainInterruption(secret.name) : shared.reasonToStop();
    if (reason !== undefined) {
      return [reportOf(secretId, reason)];
    }
    running += 1;
    const reports = await rotateAsAsked(secretId, users !== undefined, options, { ...shared, aws });
    running -= 1;
    // The second rotation of two users starts only after a complete first one.
    ended.push(...reports.slice(-1));
    if (reports.at(-1)?.outcome === 'unexpected') {
      stop(`The command had a fault with ${secret.name}.`);
    }
    const failed = ended.filter(hasFailed).length;
    if (exceeds(options.maxFailures, failed, ended.length)) {
      stop(`${failed} of the first ${ended.length} secrets did not rotate, which is more than --max-failures allows.`);
    }
    return reports;
  };

  const rotatePlace = async (group: FleetPlan['secrets']) =>
    await mapConcurrently(group, options.concurrency, async (planned) =>
      (await rotate(planned)).map(({ error, ...report }) => ({
        ...report,
        // `again` is a command for all places.
        error: error?.code === STOPPED ? error : error && explainedAt(error, planned.connection),
      })),
    );
  const places = [...byPlace(secrets).values()];
  const reports = await showAtIntervals(
    () => {
      const rotated = ended.filter(({ outcome }) => isComplete(outcome)).length;
      const failed = ended.filter(hasFailed).length;
      return `${ended.length} of ${secrets.length} ended: ${rotated} rotated, ${failed} not, ${running} running`;
    },
    createProgressWriter(`rotating ${counted(secrets.length, 'secret')}`, options, ports),
    ports,
    async () => await mapConcurrently(places, places.length, rotatePlace),
  );
  return reports.flat(2);
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
