import type { TrailEventName } from '../../../cli/aws/aws.ts';
import { createFixture, type Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import type { FakeRotation } from './fake-rotation.ts';
import { attemptAndFail, documentOf, OLD_PASSWORD, successfulRotation, UNREACHABLE } from './rotations.ts';

export const DAY_MS = 86_400_000;
export const PRINCIPAL = 'arn:aws:sts::000000000000:assumed-role/operations/dana';

export interface HistoryFixture extends Fixture {
  readonly secret: FakeSecret;
  /** Rotates, and lets all of the rotation happen. Returns the id of the version. */
  rotate(how: 'succeeds' | 'fails'): Promise<string>;
  /** CloudTrail records an event now. */
  record(name: TrailEventName): void;
}

/** A secret with a past that a test makes. */
export function createHistoryFixture(name = 'orders'): HistoryFixture {
  const fixture = createFixture();
  const { clock, aws, cluster } = fixture;
  const secret = aws.add(name, documentOf(OLD_PASSWORD), { createdAt: clock.now() });
  secret.store.date = () => clock.now();
  let rotations = 0;
  return Object.assign(fixture, {
    secret,
    rotate: async (how: 'succeeds' | 'fails') => {
      rotations += 1;
      const token = `f0000000-0000-4000-8000-${String(rotations).padStart(12, '0')}`;
      secret.rotate = (rotation: FakeRotation) =>
        how === 'succeeds' ? successfulRotation(cluster)(rotation) : attemptAndFail(rotation, UNREACHABLE);
      aws.startBySchedule(name, token);
      await clock.sleep(10_000, new AbortController().signal);
      return token;
    },
    record: (event: TrailEventName) =>
      void aws.trailEvents.push({
        name: event,
        at: clock.now(),
        secretId: secret.arn,
        versionId: undefined,
        principal: event === 'RotateSecret' ? PRINCIPAL : undefined,
      }),
  });
}
