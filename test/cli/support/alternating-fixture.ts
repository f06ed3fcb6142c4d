import { beforeEach } from 'vitest';
import { RotationError } from '../../../protocol/rotation/errors.ts';
import type { Progress } from '../../../protocol/rotation/progress.ts';
import { STEPS, type Step } from '../../../protocol/rotation/rotation-request.ts';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import {
  document,
  FIRST_PASSWORD,
  RotationWorld,
  SECOND_USER,
  SECOND_USERS_PASSWORD,
  USER,
} from '../../support/rotation-world.ts';
import { createFixture, type Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import type { FakeRotation } from './fake-rotation.ts';

export const SECRET = 'zilliz/test';
const HOUR = 3_600_000;
/** The minimum gap of the function. */
export const GAP: number = 2 * HOUR;

/** The fixture of the running test. {@link useAlternatingUsers} makes a new one for each test. */
export let fixture: Fixture;
/** The secret, its cluster and the rotation function of the fixture. */
export let world: RotationWorld;
export let secret: FakeSecret;

export function useAlternatingUsers(): void {
  beforeEach(async () => {
    ({ fixture, world, secret } = await createFunctionFixture('two'));
  });
}

export function documentOfSecondUser(password: string = SECOND_USERS_PASSWORD): string {
  return document(password, { username: SECOND_USER, token: `${SECOND_USER}:${password}` });
}

export interface FunctionFixture {
  readonly fixture: Fixture;
  readonly world: RotationWorld;
  readonly secret: FakeSecret;
}

/** A secret of one user, or of two users that take turns, with the real steps of the function. */
export async function createFunctionFixture(users: 'one' | 'two'): Promise<FunctionFixture> {
  const created = createFixture('127.0.0.1');
  const { cluster } = created;
  const rotated = new RotationWorld(document(FIRST_PASSWORD), cluster.addUser(USER, FIRST_PASSWORD));
  rotated.configure({ minimumGapMs: GAP });
  if (users === 'two') {
    await rotated.alternateUsers();
  } else {
    rotated.pinUser();
  }
  return deploy(created, rotated);
}

/** Adds the secret of the world, with its configured function. */
export function deploy<World extends RotationWorld>(
  created: Fixture,
  rotated: World,
): FunctionFixture & { world: World } {
  const { aws, clock } = created;
  rotated.secret.date = () => clock.now();
  aws.environment['SECRET_TARGETS'] = formatPins({ [SECRET]: rotated.pins });
  const added = aws.add(SECRET, '', {
    store: rotated.secret,
    rotate: (rotation) => rotation.at(100, () => void runSteps(rotation, rotated, created)),
  });
  return { fixture: created, world: rotated, secret: added };
}

async function runSteps(rotation: FakeRotation, rotated: RotationWorld, { clock }: Fixture): Promise<void> {
  rotated.date = clock.now() - rotated.now;
  for (const step of STEPS) {
    rotation.log('step-started', step);
    const before = rotated.story.length;
    try {
      await rotated.step(step, rotation.token).finally(() => logKeys(rotation, step, rotated.story.slice(before)));
    } catch (error) {
      if (!(error instanceof RotationError)) {
        throw error;
      }
      const { code, accepted, retryable, advice } = error;
      const message = error.message.slice(`${code}: `.length);
      rotation.log('step-failed', step, { failure: { code, message, accepted, retryable, advice } });
      return;
    }
    rotation.log('step-finished', step, { durationMs: 1 });
  }
  rotated.secret.lastRotatedAt = clock.now();
}

/** As the function logs the API keys that it creates and deletes. */
function logKeys(rotation: FakeRotation, step: Step, story: readonly Progress[]): void {
  for (const progress of story) {
    if (progress.event === 'key-created' || progress.event === 'key-deleted') {
      const why = 'why' in progress ? progress.why : undefined;
      rotation.log(progress.event, step, { key: { id: progress.keyId, why } });
    }
  }
}
