import { beforeEach } from 'vitest';
import { RotationError } from '../../../protocol/rotation/errors.ts';
import type { Progress } from '../../../protocol/rotation/progress.ts';
import { STEPS, type Step } from '../../../protocol/rotation/rotation-request.ts';
// The function loads it late. The clock of the fixture would run on meanwhile.
import '../../../protocol/rotation/strategies/activate-key.ts';
import { formatPins, type Pins, ROTATED_SECRETS } from '../../../protocol/secret/rotated-secrets.ts';
import { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { KeyWorld } from '../../support/key-world.ts';
import {
  document,
  FIRST_PASSWORD,
  RotationWorld,
  SECOND_USER,
  SECOND_USERS_PASSWORD,
  USER,
} from '../../support/rotation-world.ts';
import { Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import type { FakeRotation } from './rotations.ts';

export const SECRET = 'zilliz/test';
/** The secret with the manager key. */
export const MANAGER = 'zilliz-manager';
/** The minimum gap of the function. */
export const GAP = 7_200_000;

/** A single user, two users that take turns, or an API key. */
export type Users = 'one' | 'two' | 'key';

/** A secret, the real steps of its rotation function, and everything that a test can break. */
export interface World extends Fixture {
  readonly secret: FakeSecret;
  readonly rotated: RotationWorld;
  /** The keys of a secret with an API key. Nobody uses it otherwise. */
  readonly organization: InMemoryControlPlane;
}

/** The world of the running test, and two of its parts. {@link useWorld} makes a new one. */
export let world: World;
export let secret: FakeSecret;
export let rotated: RotationWorld;
/** The secret with an API key of the running test. */
export let keys: KeyWorld;

export function useWorld(users: Users): void {
  beforeEach(async () => await startWorld(users));
}

/** Replaces the world of the running test. */
export async function startWorld(users: Users): Promise<World> {
  world = await createWorld(users);
  ({ secret, rotated } = world);
  if (rotated instanceof KeyWorld) {
    keys = rotated;
  }
  return world;
}

export async function createWorld(users: Users): Promise<World> {
  const fixture = new Fixture('127.0.0.1');
  const { aws, cluster, clock } = fixture;
  aws.environment['ALLOWED_ENDPOINTS'] = cluster.host;
  const own = users === 'key' ? createKeyWorld(fixture) : await createUserWorld(fixture, users);
  own.configure({ minimumGapMs: GAP });
  own.secret.date = () => clock.now();
  const added = aws.add(SECRET, '', {
    store: own.secret,
    rotate: (rotation) => rotation.at(100, () => void runSteps(rotation, own, fixture)),
  });
  const organization = own instanceof KeyWorld ? own.organization : new InMemoryControlPlane();
  const created = Object.assign(fixture, { secret: added, rotated: own, organization });
  pin(created, own.pins);
  return created;
}

async function createUserWorld({ cluster }: Fixture, users: 'one' | 'two'): Promise<RotationWorld> {
  const created = new RotationWorld(document(FIRST_PASSWORD), cluster.addUser(USER, FIRST_PASSWORD));
  if (users === 'two') {
    await created.alternateUsers();
  } else {
    created.pinUser();
  }
  return created;
}

function createKeyWorld(fixture: Fixture): KeyWorld {
  const created = new KeyWorld({ note: 'survives' }, fixture.cluster);
  created.organization.now = () => fixture.clock.now();
  fixture.aws.environment[ROTATED_SECRETS] = '*';
  fixture.aws.environment['MANAGER_SECRET_ARN'] = fixture.aws.add(MANAGER, created.managerKey).arn;
  fixture.connectControlPlane = (_, { url }) => {
    created.controlPlaneUrls.push(url);
    return created.organization;
  };
  return created;
}

/** The deployment pins this for the secret, for the function and for whoever reads its settings. */
export function pin({ aws, rotated: own }: World, pins: Pins): void {
  own.pins = pins;
  aws.environment['SECRET_TARGETS'] = formatPins({ [SECRET]: pins });
}

export function documentOfSecondUser(password: string = SECOND_USERS_PASSWORD): string {
  return document(password, { username: SECOND_USER });
}

async function runSteps(rotation: FakeRotation, own: RotationWorld, { clock }: Fixture): Promise<void> {
  own.date = clock.now() - own.now;
  for (const step of STEPS) {
    rotation.log('step-started', step);
    const before = own.story.length;
    try {
      await own.step(step, rotation.token).finally(() => logKeys(rotation, step, own.story.slice(before)));
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
  own.secret.lastRotatedAt = clock.now();
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
