import { type Cluster, ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { holdsIf, type Observation, type TemporaryRotation } from './check.ts';
import { TRANSPORT_NAMES } from './cluster-answers.ts';
import { until } from './follow.ts';

const CONNECTIONS = 50;
const AT_A_TIME = 10;
const PAUSE_MS = 100;
const BUCKETS_MS = [100, 250, 500, 1000, 2500, 5000, 10_000, 30_000] as const;

/**
 * How long a change takes until each of 50 connections over each transport knows it. Each answer
 * comes over a new connection, so the times include the time of a login.
 *
 * @param knows asks once. Rejects with ClusterUnavailableError without a usable answer
 */
export async function measure(
  {
    clusters,
    clock,
    interrupted,
    deployed,
  }: Pick<TemporaryRotation, 'clusters' | 'clock' | 'interrupted' | 'deployed'>,
  knows: (cluster: Cluster) => Promise<boolean>,
): Promise<Observation> {
  const changedAt = clock.now();
  const withinMs = Math.max(deployed.config.propagationMs, 1000);
  const spreads = await mapConcurrently([...clusters], clusters.size, async ([transport, cluster]) => {
    const isKnown = async (): Promise<boolean> => (await catchKnown(knows(cluster), ClusterUnavailableError)) === true;
    const times = await mapConcurrently(Array.from({ length: CONNECTIONS }), AT_A_TIME, async () => {
      const left = changedAt + withinMs - clock.now();
      return (await until({ clock, interrupted }, left, isKnown, PAUSE_MS)) ? clock.now() - changedAt : undefined;
    });
    const { verdict, seen } = histogram(times, withinMs);
    return { verdict, seen: `${TRANSPORT_NAMES[transport]}: ${seen}` };
  });
  return holdsIf(
    spreads.every(({ verdict }) => verdict === 'holds'),
    spreads.map(({ seen }) => seen).join('; '),
  );
}

/**
 * @param times milliseconds. `undefined`: not within the time
 * @param limitMs the time that the function waits
 */
export function histogram(times: readonly (number | undefined)[], limitMs: number): Observation {
  const inTime = (from: number, upTo: number): number =>
    times.filter((time = Infinity) => time > from && time <= upTo).length;
  const bars = [...BUCKETS_MS, Infinity].flatMap((upTo, index, all) => {
    const count = inTime(all[index - 1] ?? -1, upTo);
    const text = upTo === Infinity ? 'later' : `within ${formatDuration(upTo)}`;
    return count === 0 ? [] : [`${count} ${text}`];
  });
  const isInTime = inTime(-1, limitMs) === times.length;
  const limit = isInTime ? '' : `; the function waits ${formatDuration(limitMs)}`;
  return holdsIf(isInTime, `of ${times.length} connections: ${bars.join(', ')}${limit}`);
}
