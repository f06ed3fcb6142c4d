import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { holdsIf, type Observation, type TemporaryRotation } from './check.ts';
import { until } from './follow.ts';

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
  { clock, interrupted, deployed }: Pick<TemporaryRotation, 'clock' | 'interrupted' | 'deployed'>,
  knows: () => Promise<boolean>,
): Promise<Observation> {
  const changedAt = clock.now();
  const withinMs = Math.max(deployed.config.propagationMs, 1000);
  const isKnown = async (): Promise<boolean> => (await catchKnown(knows(), ClusterUnavailableError)) === true;
  const times = await mapConcurrently(Array.from({ length: CONNECTIONS }), AT_A_TIME, async () => {
    const left = changedAt + withinMs - clock.now();
    return (await until({ clock, interrupted }, left, isKnown, PAUSE_MS)) ? clock.now() - changedAt : undefined;
  });
  return histogram(times, withinMs);
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
