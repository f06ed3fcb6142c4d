import { type Aws, type Period, TRAIL_EVENTS, type TrailEvent } from '../aws/aws.ts';
import { createPace } from '../aws/pace.ts';
import type { CommandPorts } from '../command-ports.ts';

/** How long CloudTrail's event history keeps an event. */
export const TRAIL_KEEPS_MS: number = 90 * 86_400_000;

/** AWS's quota for an account and region. */
const LOOKUPS_PER_SECOND = 2;

/**
 * Every event about a rotation in the period, as far as CloudTrail keeps events.
 *
 * @throws AwsError
 */
export async function readTrail(
  { trail }: Aws,
  period: Period,
  { clock, interrupted }: Pick<CommandPorts, 'clock' | 'interrupted'>,
  showProgress: (line: string) => void,
): Promise<readonly TrailEvent[]> {
  const kept = { ...period, since: Math.max(period.since, clock.now() - TRAIL_KEEPS_MS) };
  if (kept.since >= kept.until) {
    return [];
  }
  const waitForTurn = createPace(clock, LOOKUPS_PER_SECOND, interrupted).turn;
  const events: TrailEvent[] = [];
  for (const name of TRAIL_EVENTS) {
    let page: string | undefined;
    do {
      await waitForTurn();
      if (interrupted.aborted) {
        return events;
      }
      const answer = await trail.readEvents(name, kept, page);
      events.push(...answer.events);
      showProgress(`CloudTrail, ${LOOKUPS_PER_SECOND} lookups a second: ${events.length} events`);
      page = answer.nextPage;
    } while (page !== undefined);
  }
  return events;
}
