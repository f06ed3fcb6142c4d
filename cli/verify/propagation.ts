import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { differs, holds, type Observation, type TemporaryRotation } from './check.ts';

const CONNECTIONS = 50;
const AT_A_TIME = 10;
const PAUSE_MS = 100;
const BUCKETS_MS = [100, 250, 500, 1000, 2500, 5000, 10_000, 30_000] as const;

/**
 * How long a change takes until each of 50 connections knows it. Each answer comes over a new
 * connection, so the times include the time of a login.
 *
 * @param knows asks once. Rejects with ClusterUnavailableError without a usable answer
 */
export async function measure(
  { clock, interrupted, config }: Pick<TemporaryRotation, 'clock' | 'interrupted' | 'config'>,
  knows: () => Promise<boolean>,
): Promise<Observation> {
  const changedAt = clock.now();
  const until = changedAt + Math.max(config.propagationMs, 1000);
  const times = await mapConcurrently(Array.from({ length: CONNECTIONS }), AT_A_TIME, async () => {
    for (;;) {
      const known = await catchKnown(knows(), ClusterUnavailableError);
      if (known === true) {
        return clock.now() - changedAt;
      }
      if (clock.now() >= until || interrupted.aborted) {
        return undefined;
      }
      await clock.sleep(PAUSE_MS, interrupted);
    }
  });
  return histogram(times, config.propagationMs);
}

/**
 * @param times milliseconds. `undefined`: not within the time
 * @param limitMs the time that the function waits
 */
export function histogram(times: readonly (number | undefined)[], limitMs: number): Observation {
  const known = times.filter((time) => time !== undefined);
  const bars = BUCKETS_MS.flatMap((upTo, index) => {
    const count = known.filter((time) => time <= upTo && time > (BUCKETS_MS[index - 1] ?? -1)).length;
    return count === 0 ? [] : [`${count} within ${formatDuration(upTo)}`];
  });
  const late = times.length - known.filter((time) => time <= Math.max(...BUCKETS_MS)).length;
  const seen = `of ${times.length} connections: ${[...bars, ...(late === 0 ? [] : [`${late} later`])].join(', ')}`;
  return known.length === times.length && known.every((time) => time <= Math.max(limitMs, 1000))
    ? holds(seen)
    : differs(`${seen}; the function waits ${formatDuration(limitMs)}`);
}
