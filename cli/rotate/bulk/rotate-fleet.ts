import type { CommandPorts } from '../../command-ports.ts';
import { type CommandRefusal, refused } from '../../outcome/failure.ts';
import { showWhile } from '../../terminal/run-task.ts';
import { explainInterruption } from '../explain.ts';
import { type RotateProgress, type RotateReport, reportOfNoRotation } from '../report.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import { rotateSecret } from '../rotate-secret.ts';
import { createRotationPorts } from '../rotation-ports.ts';
import { continueRotation } from './continue-rotation.ts';
import { isExceeded } from './failure-limit.ts';
import { createFleetProgress } from './fleet-progress.ts';
import type { JournalWriter } from './journal-writer.ts';
import type { Plan, PlannedSecret } from './plan.ts';

/**
 * A rotation ends within seconds, and its labels show this. Only the log of a slower or failed
 * rotation is read, because the quota of CloudWatch Logs is small.
 */
const LABELS_ONLY_MS = 10_000;

/**
 * Rotates the planned secrets, in each account and region at its own pace. After too many
 * failures, it starts no further rotation and follows those that run.
 *
 * @returns the reports in the order of the plan
 */
export async function rotateFleet(
  { places }: Plan,
  options: RotateCommandOptions,
  {
    journal,
    showProgress,
    ...ports
  }: CommandPorts & { readonly journal: JournalWriter; readonly showProgress: (line: string) => void },
): Promise<readonly RotateReport[]> {
  const { clock, interrupted } = ports;
  const stop = new AbortController();
  const planned = places.flatMap(({ secrets }) => secrets);
  const progress = createFleetProgress(planned.length, clock);
  let stopReason: CommandRefusal | undefined;
  const refusal = (): CommandRefusal | undefined => stopReason;
  const { requested, started } = journal;
  const portsOf = createRotationPorts(options, ports, {
    control: { refusal, requested, started },
    stopped: AbortSignal.any([interrupted, stop.signal]),
  });

  const rotate = async ({ secret, aws, recorded }: PlannedSecret): Promise<RotateReport> => {
    const { arn, name } = secret;
    const reason = interrupted.aborted ? explainInterruption('not-started', name) : refusal();
    if (reason !== undefined) {
      return reportOfNoRotation(arn, reason);
    }
    const own = portsOf(aws);
    const onProgress = (event: RotateProgress): void => {
      if (isThrottledStep(event)) {
        own.starts.slowDown(secret);
      }
    };
    progress.began();
    const report = await rotateSecret(
      arn,
      { ...options, labelsOnlyMs: LABELS_ONLY_MS },
      own,
      onProgress,
      recorded && (async (...args) => await continueRotation(arn, recorded, ...args)),
    );
    journal.ended(report);
    progress.ended(report.outcome);
    if (stopReason === undefined && isExceeded(options.maxFailures, progress.counts)) {
      stopReason = stopped(progress.counts, journal.path);
      stop.abort();
    }
    return report;
  };

  const reports = new Map<PlannedSecret, RotateReport>();
  const workers = places.flatMap(({ secrets }) => {
    const queue = secrets.values();
    return Array.from({ length: Math.min(options.concurrency, secrets.length) }, async () => {
      for (const secret of queue) {
        reports.set(secret, await rotate(secret));
      }
    });
  });
  const allEnded = async () =>
    await Promise.allSettled(
      workers.map(async (worker) => {
        // After a fault of the command, no other rotation starts.
        await worker.catch(() => stop.abort());
        await worker;
      }),
    );
  const ends = await showWhile(allEnded, () => showProgress(progress.line()), options, ports);
  const fault = ends.find((end) => end.status === 'rejected');
  if (fault !== undefined) {
    throw fault.reason;
  }
  showProgress(progress.line());
  return planned.flatMap((secret) => reports.get(secret) ?? []);
}

/** AWS throttled a call of the function. */
function isThrottledStep(event: RotateProgress): boolean {
  return event.kind === 'step' && /throttl/i.test(event.run.failure?.message ?? '');
}

function stopped({ failed, ended }: { failed: number; ended: number }, journalPath: string): CommandRefusal {
  return refused(
    'stopped',
    `${failed} of the first ${ended} secrets did not rotate, which is more than --max-failures allows. So no further rotation started.`,
    `Remove the cause of the failures. Then continue with \`zilliz-rotation rotate --resume ${journalPath}\`.`,
  );
}
