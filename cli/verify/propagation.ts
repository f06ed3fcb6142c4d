import { type Cluster, ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { catchKnown } from '../outcome/failure.ts';
import { formatDuration } from '../terminal/time.ts';
import { waitUntil } from './follow.ts';
import { holdsIf, type Observation } from './observation.ts';
import type { Setup } from './run.ts';

const CONNECTIONS = 50;
const AT_A_TIME = 10;
const PAUSE_MS = 100;
const BUCKETS_MS = [100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, Infinity] as const;

/**
 * How long a change takes until each of 50 connections over each transport knows it. Each answer
 * comes over a new connection, so the times include the time of a login.
 *
 * @param knows asks once. Rejects with ClusterUnavailableError without a usable answer
 */
export async function measureSpread(
  { clusters, clock, interrupted, deployed }: Pick<Setup, 'clusters' | 'clock' | 'interrupted' | 'deployed'>,
  knows: (cluster: Cluster) => Promise<boolean>,
): Promise<Observation> {
  const changedAt = clock.now();
  const limitMs = Math.max(deployed.config.propagationMs, 1000);
  const spreads = await mapConcurrently([...clusters], clusters.size, async ([transport, cluster]) => {
    const isKnown = async (): Promise<boolean> => (await catchKnown(knows(cluster), ClusterUnavailableError)) === true;
    const times = await mapConcurrently(Array.from({ length: CONNECTIONS }), AT_A_TIME, async () => {
      const left = changedAt + limitMs - clock.now();
      return (await waitUntil({ clock, interrupted }, left, isKnown, PAUSE_MS)) ? clock.now() - changedAt : Infinity;
    });
    return { transport, ...histogram(times, limitMs) };
  });
  return holdsIf(
    spreads.every(({ verdict }) => verdict === 'holds'),
    spreads.map(({ transport, seen }) => `${transport}: ${seen}`).join('; '),
  );
}

/**
 * @param times milliseconds. Infinity: not within the time
 * @param limitMs the time that the function waits
 */
export function histogram(times: readonly number[], limitMs: number): Observation {
  const bars = BUCKETS_MS.map((upTo, index) => {
    const from = BUCKETS_MS[index - 1] ?? -1;
    const count = times.filter((time) => time > from && time <= upTo).length;
    return count === 0 ? [] : `${count} ${upTo === Infinity ? 'later' : `within ${formatDuration(upTo)}`}`;
  });
  const seen = `of ${times.length} connections: ${bars.flat().join(', ')}`;
  const isInTime = times.every((time) => time <= limitMs);
  return holdsIf(isInTime, isInTime ? seen : `${seen}; the function waits ${formatDuration(limitMs)}`);
}
