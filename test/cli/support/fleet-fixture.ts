import { ROTATED_SECRETS } from '../../../protocol/secret/rotated-secrets.ts';
import { createFixture, type Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import { addSecretWithUser } from './orders-fixture.ts';

/** The arguments that rotate every secret of the fixture. */
export const ROTATE_ALL: readonly string[] = ['rotate', '--all', '--yes'];

/** A fixture with so many secrets, `fleet-0` and so on, whose rotations succeed. */
export function createFleetFixture(count: number): Fixture {
  const fixture = createFixture();
  fixture.aws.environment[ROTATED_SECRETS] = '*';
  for (let index = 0; index < count; index++) {
    addToFleet(fixture, `fleet-${index}`);
  }
  return fixture;
}

export function addToFleet(fixture: Fixture, name: string, overrides: Partial<FakeSecret> = {}): FakeSecret {
  addSecretWithUser(fixture, name);
  return Object.assign(fixture.aws.secret(name), overrides);
}
