import { createFixture, type Fixture } from './command-fixture.ts';
import { documentOf, OLD_PASSWORD, successfulRotation } from './rotations.ts';

/** The version of the first rotation of a fixture. */
export const TOKEN = '00000000-0000-4000-8000-000000000001';

/** A fixture with the secret `orders`, whose rotation succeeds. */
export function createRotateFixture(): Fixture {
  const fixture = createFixture();
  fixture.cluster.addUser('app', OLD_PASSWORD);
  fixture.aws.add('orders', documentOf(OLD_PASSWORD), { rotate: successfulRotation(fixture.cluster) });
  return fixture;
}
