import { beforeEach } from 'vitest';
import { createFixture, type Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import { documentOf, documentOfUser, NEW_PASSWORD, OLD_PASSWORD, successfulRotation } from './rotations.ts';

/** The version of the first rotation of a fixture. */
export const TOKEN = '00000000-0000-4000-8000-000000000001';

/** The fixture of the running test. {@link useOrders} makes a new one for each test. */
export let fixture: Fixture;

/** The secret `orders` of the fixture. Its AWSCURRENT is accepted, and its rotation succeeds. */
export let orders: FakeSecret;

export function useOrders(): void {
  beforeEach(() => {
    fixture = createFixture();
    fixture.cluster.addUser('app', OLD_PASSWORD);
    orders = fixture.aws.add('orders', documentOf(OLD_PASSWORD), { rotate: successfulRotation(fixture.cluster) });
  });
}

/** Adds a secret whose user has the name of the secret, with a rotation that succeeds. */
export function addSecretWithUser({ aws, cluster }: Fixture, name: string): void {
  cluster.addUser(name, OLD_PASSWORD);
  aws.add(name, documentOfUser(name, OLD_PASSWORD), {
    rotate: successfulRotation(cluster, documentOfUser(name, NEW_PASSWORD)),
  });
}
