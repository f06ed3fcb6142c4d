import { parseRotatedSecrets } from '../../../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../../../protocol/secret/secret-store.ts';
import { AWSPENDING } from '../../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../../support/rotation-world.ts';
import { attempt, during, failsIn, failureOf, type Stories, type Story, wait, withMethods } from './story.ts';

const RULES = new RotationWorld().settings.endpointRules;

const removePending = (world: RotationWorld) => world.secret.removePendingByHand();
const store = (world: RotationWorld, password: string) => world.secret.storeByHand('by-hand', document(password));

/** Failures that come from the secret, its versions or its configuration. */
export const SECRET_STORIES: Stories = {
  SECRET_NOT_CONFIGURED: during((world, isWrong) => {
    world.configure({ rotatedSecrets: parseRotatedSecrets(`${isWrong ? 'other' : world.secret.name}-??????`) });
  }),
  ROTATION_DISABLED: {
    fail: failsIn('testSecret', (world) => {
      world.secret.rotationEnabled = false;
    }),
    follow: (world) => {
      world.secret.rotationEnabled = true;
    },
    next: 't1',
  },
  TOKEN_UNKNOWN: { fail: (world) => failureOf(world, 'createSecret', 'foreign'), follow: wait, next: 't2' },
  TOKEN_NOT_PENDING: { fail: failsIn('testSecret', removePending), follow: wait, next: 't2' },
  CURRENT_INVALID: {
    fail: (world) => {
      world.secret.storeByHand('v1', 'no credential');
      return attempt(world);
    },
    follow: (world) => store(world, FIRST_PASSWORD),
    next: 't2',
  },
  CURRENT_REJECTED: {
    fail: (world) => {
      world.cluster.setByHand(USER, 'In-force-1');
      return failureOf(world, 'testSecret', 'v0');
    },
    follow: (world) => store(world, 'In-force-1'),
    next: 't2',
  },
  PENDING_MISSING: {
    fail: (world) => {
      world.secret.startRotation('t1');
      return failureOf(world, 'setSecret');
    },
    follow: wait,
    next: 't1',
  },
  PENDING_INVALID: { fail: (world) => failsWithPending(world, 'no credential'), follow: removePending, next: 't2' },
  PENDING_MISMATCH: {
    fail: (world) => failsWithPending(world, document('Planted-1', { username: 'intruder', token: undefined })),
    follow: removePending,
    next: 't2',
  },
  ENDPOINT_REFUSED: during((world, isWrong) => {
    world.configure({ endpointRules: isWrong ? { ...RULES, allowed: ['other.example.com'] } : RULES });
  }),
  ROTATED_TOO_RECENTLY: {
    fail: async (world) => {
      world.configure({ minimumGapMs: 60_000 });
      await world.alternateUsers();
      await world.rotate('t0');
      world.secret.lastRotatedAt = world.date + world.now;
      return await attempt(world);
    },
    follow: (world) => {
      world.now += 60_000;
    },
    next: 't2',
  },
  LABELS_FULL: {
    fail: async (world) => {
      await world.addOwnersLabels(17);
      return await attempt(world);
    },
    follow: (world) => world.secret.removeLabel({ label: 'owner-1', from: 'v0' }),
    next: 't1',
  },
  CURRENT_MOVED: {
    fail: failsIn('finishSecret', async (world) => {
      await world.secret.put({
        versionId: 'moved',
        value: document(FIRST_PASSWORD, { note: 'kept' }),
        labels: ['own'],
      });
      await world.secret.promote({ to: 'moved', from: 'v0' });
    }),
    follow: wait,
    next: 't2',
  },
  VERSION_DENIED: {
    fail: (world) => {
      world.secret.storeByHand('v1', document('Not-in-force-1'));
      world.secret.undecryptable.add('v0');
      return attempt(world);
    },
    follow: (world) => world.secret.undecryptable.clear(),
    next: 't1',
  },
  SECRETS_MANAGER_UNAVAILABLE: whileReading('unavailable'),
  SECRETS_MANAGER_DENIED: whileReading('denied'),
  SECRETS_MANAGER_REFUSED: whileReading('refused'),
  UNEXPECTED: whileReading(undefined),
};

async function failsWithPending(world: RotationWorld, value: string): Promise<unknown> {
  await world.secret.put({ versionId: 't1', value, labels: [AWSPENDING] });
  return await failureOf(world, 'createSecret');
}

/** Secrets Manager answers like this for some time. `undefined`: a fault. */
function whileReading(kind: SecretStoreError['kind'] | undefined): Story {
  const details = { action: 'GetSecretValue', code: 'TestException', explanation: 'a test' };
  const error = kind === undefined ? new TypeError('test') : new SecretStoreError({ ...details, kind });
  return withMethods('secret', { read: () => Promise.reject(error) });
}
