import { mapConcurrently } from '../../aws/map-concurrently.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { type CommandRefusal, refused } from '../../outcome/failure.ts';
import { rotateBothUsers } from '../both-users.ts';
import { explainInterruption } from '../explain.ts';
import { type RotateReport, reportOfNoRotation, type ShowProgress } from '../report.ts';
import { rotateAndRevoke } from '../revoke-previous.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import { createRotatePorts } from '../rotate-ports.ts';
import { rotateSecret } from '../rotate-secret.ts';
import type { FleetProgress } from './fleet-progress.ts';
import { byPlace, type Plan, type PlannedSecret } from './plan.ts';

/**
 * Rotates the planned secrets, in each account and region at its own pace. After too many
 * failures, it starts no further rotation and follows those that run.
 *
 * @param progress counts what starts and ends
 * @param again the command line that continues
 * @returns the reports in the order of the plan: with `--both-users`, one for each rotation
 */
export async function rotateFleet(
  { secrets }: Plan,
  progress: FleetProgress,
  again: string,
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<readonly RotateReport[]> {
  const { interrupted } = ports;
  const stopped = new AbortController();
  let stopReason: CommandRefusal | undefined;
  const stop = (reason: CommandRefusal): void => {
    stopReason ??= reason;
    stopped.abort();
  };
  const portsOf = createRotatePorts(options, ports, {
    reason: () => stopReason,
    signal: AbortSignal.any([interrupted, stopped.signal]),
  });

  const rotate = async ({ secretId, secret, aws, users }: PlannedSecret): Promise<readonly RotateReport[]> => {
    const reason = interrupted.aborted ? explainInterruption(secret.name) : stopReason;
    if (reason !== undefined) {
      return [reportOfNoRotation(secretId, reason)];
    }
    const own = portsOf(aws);
    progress.running += 1;
    const ofMany = { ...options, isOfMany: true };
    const reports =
      users !== undefined && options.bothUsers
        ? await rotateBothUsers(secretId, ofMany, own, NOT_SHOWN)
        : options.revokePrevious
          ? await rotateAndRevoke(secretId, ofMany, own, NOT_SHOWN)
          : [await rotateSecret(secretId, ofMany, own, NOT_SHOWN)];
    // The second rotation of two users starts only after a complete first one.
    const last = reports.at(-1);
    if (last !== undefined) {
      progress.end(last.outcome);
    }
    if (last?.outcome.kind === 'unexpected') {
      stop(explainStop(`The command had a fault with ${secret.name}.`, again));
    }
    if (progress.exceeds(options.maxFailures)) {
      const { failed, ended } = progress;
      stop(
        explainStop(
          `${failed} of the first ${ended} secrets did not rotate, which is more than --max-failures allows.`,
          again,
        ),
      );
    }
    return reports;
  };

  const places = [...byPlace(secrets).values()];
  const reports = await mapConcurrently(
    places,
    places.length,
    async (group) => await mapConcurrently(group, options.concurrency, rotate),
  );
  return reports.flat(2);
}

/** One line of progress stands for all secrets. */
const NOT_SHOWN: ShowProgress = () => undefined;

function explainStop(reason: string, again: string): CommandRefusal {
  return refused(
    'stopped',
    `${reason} So no further rotation started.`,
    `Remove the cause of the failures. Then continue with \`${again}\`.`,
  );
}
