import { OFF_ON_PURPOSE } from '../../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD } from '../../support/rotation-world.ts';
import { proveStates } from '../support/prove-states.ts';
import type { FakeRotation } from '../support/rotations.ts';
import { SECRET, type World } from '../support/secret-fixture.ts';
import { all, block, type Change, sentIsAccepted, setNextDate, turnOff } from '../support/state-world.ts';

const INCOMPLETE = 'notice rotation-incomplete';
const FAILED = 'notice rotation-failed';
const TURN_ON = 'aws secretsmanager rotate-secret';
const IS_SENT = { 'token-1': [sentLabel('token-1')] };
const IS_NOT_SENT = { 'token-1': [] };

const missDate: Change = ({ secret }) => Object.assign(secret, { nextRotationAt: 1 });
const offOnPurpose: Change = ({ secret }) =>
  Object.assign(secret.store.tags, { [OFF_ON_PURPOSE.key]: OFF_ON_PURPOSE.value });

/** This happens in the place of the next rotation. */
const onceInsteadOfRotation =
  (happen: (rotation: FakeRotation, world: World) => void): Change =>
  (world) => {
    const { rotate } = world.secret;
    world.secret.rotate = (rotation) => {
      world.secret.rotate = rotate;
      happen(rotation, world);
    };
  };

const forbidChanges: Change = ({ cluster }) => {
  cluster.changePassword = async () => ({ kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: permission deny' });
};
const denyPut: Change = ({ secret }) => {
  const denied = { action: 'PutSecretValue', code: 'AccessDeniedException', kind: 'denied' } as const;
  secret.store.put = () =>
    Promise.reject(new SecretStoreError({ ...denied, explanation: 'Access to KMS is not allowed' }));
};

/** The cluster is unreachable during a step of the function. */
const failRetryably: Change = async ({ cluster, aws, clock }) => {
  cluster.reachable = false;
  aws.startBySchedule(SECRET, 'token-1');
  await clock.sleep(10_000, new AbortController().signal);
  cluster.reachable = true;
};

proveStates({
  'nothing is wrong': { make: () => undefined, finds: [], init: true },
  'a rotation has ended': { make: (world) => world.run(['rotate', SECRET]), finds: [] },
  'a rotation stopped': { make: block, finds: [INCOMPLETE], does: 'removeLabel', labels: IS_SENT, init: true },
  'a rotation stopped before it stored a value': {
    make: ({ secret }) => secret.store.startRotation('token-1'),
    finds: [INCOMPLETE],
    does: 'removeLabel',
    labels: IS_NOT_SENT,
    init: true,
  },
  'AWSPENDING is a copy of AWSCURRENT, as in the test of a new schedule': {
    make: async ({ secret: { store } }) => {
      store.startRotation('token-1');
      await store.put({ versionId: 'token-1', value: document(FIRST_PASSWORD), labels: [AWSPENDING] });
    },
    finds: [INCOMPLETE],
    does: 'removeLabel',
    labels: IS_NOT_SENT,
  },
  'a rotation stopped after the change': {
    make: all(block, sentIsAccepted),
    finds: ['current-not-in-force', INCOMPLETE],
    omits: /If AWSPENDING stays there/,
    does: 'promote',
    init: true,
  },
  'a rotation stopped after the change, and AWSPENDING is on the former AWSCURRENT': {
    of: 'one',
    make: all(block, sentIsAccepted, async ({ secret: { store } }) => {
      await store.removeLabel({ label: AWSPENDING, from: 'token-1' });
      await store.addLabel({ label: AWSPENDING, to: 'v0' });
    }),
    finds: ['current-not-in-force'],
    does: 'promote addLabel removeLabel',
    labels: { v0: ['AWSPREVIOUS', sentLabel('v0')] },
  },
  'a rotation was cancelled': {
    make: all(block, turnOff),
    finds: ['rotation-cancelled', 'rotation-off'],
    does: 'removeLabel',
    follow: ['repair', TURN_ON],
  },
  'the schedule was missed': {
    make: missDate,
    finds: ['overdue'],
    remains: ['overdue'],
    follow: ['rotate', setNextDate],
  },
  'the schedule was missed, because the secret is marked for deletion': {
    of: 'one',
    make: all(missDate, ({ secret }) => Object.assign(secret, { deletedAt: 1 })),
    finds: ['marked-for-deletion', 'overdue'],
    omits: /`zilliz-rotation rotate/,
    follow: ['aws secretsmanager restore-secret', 'rotate', setNextDate],
  },
  'the schedule was missed, because the labels are full': {
    of: 'one',
    make: all(missDate, async ({ secret: { store } }) => {
      for (let count = 0; count < 17; count += 1) {
        await store.addLabel({ label: `own-${count}`, to: 'v0' });
      }
    }),
    finds: ['labels-full', 'overdue'],
    omits: /`zilliz-rotation rotate/,
    values: { LABEL: 'own-0', VERSION: 'v0' },
    follow: ['aws secretsmanager update-secret-version-stage', 'rotate', setNextDate],
  },
  'the schedule was missed while a failed rotation waits for its next attempt': {
    make: all(failRetryably, missDate),
    finds: ['overdue', FAILED, INCOMPLETE],
    does: 'removeLabel',
    remains: ['overdue', FAILED],
    follow: ['repair', 'rotate', setNextDate],
  },
  'rotation is on without a schedule': {
    make: ({ secret }) => Object.assign(secret, { schedule: undefined, nextRotationAt: undefined }),
    finds: ['no-schedule'],
    remains: ['no-schedule'],
    follow: [TURN_ON],
  },
  'rotation is on without a schedule, and a rotation stopped': {
    make: all(block, ({ secret }) => Object.assign(secret, { schedule: undefined, nextRotationAt: undefined })),
    finds: ['no-schedule', INCOMPLETE],
    does: 'removeLabel',
    remains: ['no-schedule'],
    follow: ['repair', TURN_ON],
  },
  'rotation is off': { make: turnOff, rotate: '5 rotation-off', finds: ['rotation-off'], follow: ['status', TURN_ON] },
  'rotation is off on purpose': {
    make: all(turnOff, offOnPurpose),
    finds: ['notice rotation-off-on-purpose'],
    follow: ['aws secretsmanager untag-resource', 'status', TURN_ON],
  },
  'the cluster refuses the change': {
    make: forbidChanges,
    rotate: '3 CHANGE_REFUSED',
    finds: [FAILED, INCOMPLETE],
    does: 'removeLabel',
    remains: [FAILED],
    mend: ({ cluster }) => Reflect.deleteProperty(cluster, 'changePassword'),
    follow: ['repair', 'rotate'],
  },
  'the function does not reach the cluster, and Secrets Manager repeats the step': {
    make: failRetryably,
    finds: [FAILED, INCOMPLETE],
    prints: /2026-03-01 12:00:00 UTC in setSecret with CLUSTER_UNREACHABLE: http:..127\.0\.0\.1/,
    does: 'removeLabel',
    remains: [FAILED],
    follow: ['repair', 'rotate'],
  },
  'AWS denies a call of the function': {
    make: denyPut,
    rotate: '3 SECRETS_MANAGER_DENIED',
    finds: ['rotation-failed', INCOMPLETE],
    prints: /in createSecret with SECRETS_MANAGER_DENIED: PutSecretValue .*Access to KMS is not allowed/,
    does: 'removeLabel',
    remains: [FAILED],
    mend: ({ secret }) => Reflect.deleteProperty(secret.store, 'put'),
    follow: ['repair', 'rotate'],
  },
  'somebody cancels the rotation that the command follows': {
    make: onceInsteadOfRotation((rotation, world) => {
      rotation.at(100, () => rotation.put(document('Sent-password-1')));
      rotation.at(2000, () => void all(sentIsAccepted, turnOff)(world));
    }),
    rotate: '3 cancelled',
    finds: ['current-not-in-force', 'rotation-cancelled', 'rotation-off'],
    does: 'promote',
    follow: ['repair', TURN_ON],
  },
  'the cluster rejects the new password': {
    of: 'one',
    make: onceInsteadOfRotation((rotation) => {
      rotation.at(100, () => rotation.put(document('Sent-password-1')));
      rotation.at(200, () => rotation.promote());
    }),
    rotate: '6 login-rejected',
    finds: ['current-not-in-force'],
    does: 'promote removeLabel',
    follow: ['status', 'repair'],
  },
});
