import type { TrailEventName } from '../aws/aws.ts';
import { formatDuration } from '../terminal/time.ts';
import { type Check, check, holdsIf, type Observation, type TemporaryRotation } from './check.ts';
import { periodOf, until } from './follow.ts';

/** AWS delivers an event within 15 minutes, on average within 5. */
const WITHIN_MS = 900_000;
const PAUSE_MS = 15_000;

/** On the events of the rotations that succeeded and failed. */
export const TRAIL_CHECKS: readonly Check[] = [
  check(
    'aws-events',
    ['slow', 'failedId'],
    async (rotation) =>
      await inTrail(rotation, [
        'RotationStarted',
        ...(rotation.rotatedId === undefined ? [] : (['RotationSucceeded'] as const)),
        'RotationFailed',
      ]),
  ),
  check('sm-events', ['slow', 'failedId'], async (rotation) => await inTrail(rotation, ['RotationAbandoned'])),
];

/** Waits until CloudTrail has an event of each name about the temporary secret. */
async function inTrail(rotation: TemporaryRotation, names: readonly TrailEventName[]): Promise<Observation> {
  const { aws, secret } = rotation;
  const missing = new Set(names);
  await until(
    rotation,
    WITHIN_MS,
    async () => {
      for (const name of missing) {
        let page: string | undefined;
        do {
          const answer = await aws.trail.readEvents(name, periodOf(rotation), page);
          if (answer.events.some(({ secretId }) => secretId === secret.arn)) {
            missing.delete(name);
          }
          page = answer.nextPage;
        } while (page !== undefined);
      }
      return missing.size === 0;
    },
    PAUSE_MS,
  );
  const found = names.filter((name) => !missing.has(name)).join(', ') || 'no event';
  const absent = missing.size === 0 ? '' : `, and no ${[...missing].join(', ')} within ${formatDuration(WITHIN_MS)}`;
  return holdsIf(missing.size === 0, `CloudTrail has ${found} with the ARN of the secret${absent}`);
}
