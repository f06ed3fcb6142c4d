import { beforeEach } from 'vitest';
import type { TrailEventName } from '../../../cli/aws/aws.ts';
import { ROTATED_SECRETS } from '../../../protocol/secret/rotated-secrets.ts';
import { Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import {
  attemptAndFail,
  documentOf,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
  UNREACHABLE,
} from './rotations.ts';

/** Who calls RotateSecret, in CloudTrail. */
export const PRINCIPAL = 'arn:aws:sts::000000000000:assumed-role/operations/dana';

/** The fixture of the running test. {@link useOrders} makes a new one for each test. */
export let fixture: Fixture;

/** The secret `orders` of the fixture. Its AWSCURRENT is accepted, and its rotation succeeds. */
export let orders: FakeSecret;

export function useOrders(): void {
  beforeEach(() => {
    fixture = new Fixture();
    fixture.cluster.addUser('app', OLD_PASSWORD);
    orders = fixture.aws.add('orders', documentOf(OLD_PASSWORD), { rotate: successfulRotation(fixture.cluster) });
  });
}

/** Rotates `orders`, and lets all of the rotation happen. Returns the id of the version. */
export async function rotateOrders(how: 'succeeds' | 'fails'): Promise<string> {
  const { aws, clock, cluster } = fixture;
  const token = `f0000000-0000-4000-8000-${String(aws.started.length + 1).padStart(12, '0')}`;
  orders.rotate = (rotation) =>
    how === 'succeeds' ? successfulRotation(cluster)(rotation) : attemptAndFail(rotation, UNREACHABLE);
  aws.startBySchedule('orders', token);
  await clock.sleep(10_000, new AbortController().signal);
  return token;
}

/** CloudTrail records an event now. Only RotateSecret names a version. */
export function record(name: TrailEventName, versionId?: string): void {
  const { aws, clock } = fixture;
  const principal = name === 'RotateSecret' ? PRINCIPAL : undefined;
  aws.trailEvents.push({ name, at: clock.now(), secretId: orders.arn, versionId, principal });
}

/** The arguments that rotate every secret of {@link createFleetFixture}. */
export const ROTATE_ALL: readonly string[] = ['rotate', '--all', '--yes'];

/** A fixture with so many secrets, `fleet-0` and so on, whose rotations succeed. */
export function createFleetFixture(count: number): Fixture {
  const fleet = new Fixture();
  fleet.aws.environment[ROTATED_SECRETS] = '*';
  for (let index = 0; index < count; index++) {
    addSecretWithUser(fleet, `fleet-${index}`);
  }
  return fleet;
}

/** Adds a secret whose user has the name of the secret, with a rotation that succeeds. */
export function addSecretWithUser({ aws, cluster }: Fixture, name: string, overrides: Partial<FakeSecret> = {}) {
  cluster.addUser(name, OLD_PASSWORD);
  const rotate = successfulRotation(cluster, documentOf(NEW_PASSWORD, { username: name }));
  return aws.add(name, documentOf(OLD_PASSWORD, { username: name }), { rotate, ...overrides });
}
