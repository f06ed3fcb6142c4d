import { sentLabel } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, USER } from '../../support/rotation-world.ts';
import { proveStates } from '../support/prove-states.ts';
import { addOwnLabels, addSentVersions } from '../support/repair-fixture.ts';
import { all, block, type Change, type State, store, unlabel } from '../support/state-world.ts';

const INCOMPLETE = 'notice rotation-incomplete';
/** The owner removes one of the labels. */
const REMOVE = 'aws secretsmanager update-secret-version-stage';
const ONE = { of: 'one' } as const;
/** The rotation finds no room to label the version from which the one after it starts. */
const TWO = { of: 'two', afterwards: ['other-user-unlabelled'] } as const;

/** Adds labels of the owner until the secret has so many labels. */
const fill =
  (labels: number): Change =>
  async ({ secret }) => {
    const { versions } = await secret.store.describe();
    await addOwnLabels(secret, labels - versions.flatMap((version) => version.labels).length);
  };

/** Versions that rotations have sent. */
const send =
  (versions: number): Change =>
  ({ secret }) =>
    addSentVersions(secret, versions, (index) => document(`Old-password-${index}`));

/** A newer password is accepted, so that all earlier ones are obsolete. */
const renew = all(
  ({ clock }) => clock.advance(1000),
  ({ cluster }) => cluster.setByHand(USER, 'Newer-password-1'),
  store(document('Newer-password-1')),
);
const edit: Change = ({ secret }) => secret.store.storeByHand('edited', document('Wrong-1', { collection: 'a' }));

const full = (make: Change, version = 'v0'): State => ({
  make,
  finds: ['labels-full'],
  follow: [REMOVE],
  values: { LABEL: 'owner-1', VERSION: version },
});
const fullAndStopped = (labels: number): State => ({
  ...full(all(block, fill(labels))),
  finds: ['labels-full', INCOMPLETE],
  repair: '3 labels-full',
  does: 'removeLabel',
  follow: [REMOVE, 'repair'],
});
const LAST: State = { make: all(block, fill(18)), finds: [INCOMPLETE], does: 'removeLabel' };
const hasRoom = (make: Change, more: Partial<State> = ONE): State => ({ make, finds: [], ...more });

proveStates({
  'the labels of a single user are full': {
    ...full(fill(19)),
    ...ONE,
    prints: /Remove 2 of your own labels/,
    follow: [REMOVE, ({ secret }) => secret.store.removeLabel({ label: 'owner-2', from: 'v0' })],
  },
  'the labels of two users are full': { ...full(fill(18)), ...TWO },
  'the labels of two users are full, and the command knows one user only': {
    ...full(all(fill(18), ({ aws }) => aws.failing.set('GetFunctionConfiguration', 'access-denied'))),
    ...TWO,
    mend: ({ aws }) => aws.failing.clear(),
  },
  'a stopped rotation takes the last labels of a single user': { ...LAST, ...ONE },
  'a stopped rotation takes the last labels of two users': { ...LAST, ...TWO },
  'the labels of a single user are full, and a rotation stopped': { ...fullAndStopped(20), ...ONE },
  'the labels of two users are full, and a rotation stopped': { ...fullAndStopped(19), ...TWO },
  'labels of the function fill the secret': hasRoom(all(send(9), fill(16)), { ...ONE, init: true }),
  'labels of the function nearly fill the secret': hasRoom(all(send(9), fill(15)), { of: 'two', init: true }),
  'obsolete labels of the function leave no other room': hasRoom(all(send(9), renew, fill(19))),
  'the next rotation uses a sent password again': hasRoom(all(store(document(FIRST_PASSWORD)), send(9), fill(19))),
  'RotateSecret has room for AWSPENDING': hasRoom(all(send(2), renew, fill(19))),
  'RotateSecret has no room for AWSPENDING': { ...full(all(send(2), renew, fill(20)), 'edit-0'), ...ONE },
  'a login with AWSCURRENT makes room for the label of the other user': hasRoom(all(send(1), renew, fill(19)), TWO),
  'the labels are full, and a stopped rotation added no label': {
    ...ONE,
    make: all(send(5), renew, block, unlabel, fill(20)),
    finds: [INCOMPLETE],
    does: 'removeLabel addLabel removeLabel',
    labels: { 'sent-1': [], 'sent-2': [sentLabel('sent-2')], 'token-1': [sentLabel('token-1')] },
  },
  'the labels are full, and a person stored another field with a wrong password': {
    ...ONE,
    make: all(send(9), renew, fill(19), edit),
    finds: ['current-not-in-force'],
    does: 'removeLabel put promote',
    holds: { password: 'Newer-password-1', collection: 'a' },
    labels: { 'sent-1': [], 'sent-2': [sentLabel('sent-2')] },
  },
});
