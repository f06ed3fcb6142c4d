import { beforeEach } from 'vitest';
// The function loads it late. The clock of the fixture would run on meanwhile.
import '../../../protocol/rotation/strategies/key-steps.ts';
import { ROTATED_SECRETS } from '../../../protocol/secret/rotated-secrets.ts';
import { KeyWorld } from '../../support/key-world.ts';
import { deploy, GAP, SECRET } from './alternating-fixture.ts';
import { createFixture, type Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';

export { SECRET };

/** The secret with the manager key. */
export const MANAGER = 'zilliz-manager';

/** The fixture of the running test. {@link useApiKeys} makes a new one for each test. */
export let fixture: Fixture;
/** The secret, its organization and the rotation function of the fixture. */
export let world: KeyWorld;
export let secret: FakeSecret;

export function useApiKeys(): void {
  beforeEach(() => {
    ({ fixture, world, secret } = createKeyFixture());
  });
}

/** A secret with an API key, with the real steps of the rotation function. */
export function createKeyFixture(): { fixture: Fixture; world: KeyWorld; secret: FakeSecret } {
  const created = createFixture('127.0.0.1');
  const rotated = new KeyWorld({ note: 'survives' }, created.cluster);
  rotated.organization.now = () => created.clock.now();
  rotated.configure({ minimumGapMs: GAP });
  created.aws.environment[ROTATED_SECRETS] = '*';
  created.aws.environment['MANAGER_SECRET_ARN'] = created.aws.add(MANAGER, rotated.managerKey).arn;
  created.connectControlPlane = (_, { url }) => {
    rotated.controlPlaneUrls.push(url);
    return rotated.organization;
  };
  return deploy(created, rotated);
}

/** Lets time pass for the command and for the function. */
export function pass(milliseconds: number): void {
  fixture.clock.advance(milliseconds);
}
