import { AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { ENDPOINT, SECOND_USER, USER } from '../../support/rotation-world.ts';
import { proveStates } from '../support/prove-states.ts';
import { addAdmin } from '../support/repair-fixture.ts';
import { documentOfSecondUser, SECRET } from '../support/secret-fixture.ts';
import { all, type Change, type State, setNextDate } from '../support/state-world.ts';

const TWO = { of: 'two' } as const;

/** The second user has another password. An admin can help, and so can a person who knows it. */
const rejected = (follow: string, more: Change): State => ({
  ...TWO,
  make: all((world) => addAdmin(world, ENDPOINT), more),
  finds: ['other-user-not-in-force'],
  follow: [follow],
  values: { 'ADMIN-SECRET': 'zilliz-admin' },
});

const setPassword: Change = ({ cluster }) => cluster.setByHand(SECOND_USER, 'Console-1');

const CANCELLED: State = {
  ...TWO,
  make: async ({ secret, cluster }) => {
    secret.store.startRotation('token-1');
    secret.store.rotationEnabled = false;
    const value = documentOfSecondUser('Sent-password-1');
    await secret.store.put({ versionId: 'token-1', value, labels: [AWSPENDING] });
    cluster.setByHand(SECOND_USER, 'Sent-password-1');
  },
  finds: ['other-user-unlabelled', 'rotation-cancelled', 'rotation-off'],
  does: 'addLabel removeLabel',
  labels: { 'token-1': [sentLabel('token-1')], 'v-second': [sentLabel('v-second')] },
  follow: ['repair', 'aws secretsmanager rotate-secret'],
};

proveStates({
  'the other user has a password that a person knows': {
    ...rejected(
      'init',
      all(setPassword, ({ passwords }) => passwords.push('Console-1')),
    ),
    init: true,
  },
  'the other user has a password that nobody knows': rejected('repair', setPassword),
  'another secret has changed the password of the other user': {
    ...rejected(
      'repair zilliz/test --admin-secret',
      all(setPassword, ({ aws }) => aws.add('copy', documentOfSecondUser('Console-1'))),
    ),
    doctor: ['fail other-user-not-in-force', 'fail other-secrets'],
    omits: /zilliz-rotation (?:init|repair)/,
    // All applications read the first secret, so the operator deletes the other.
    follow: ['status zilliz/test copy', ({ aws }) => aws.secrets.delete('copy'), 'repair zilliz/test --admin-secret'],
  },
  'the other user does not exist': rejected(
    `init ${SECRET} --users ${USER},${SECOND_USER} --admin-secret`,
    ({ cluster }) => cluster.dropUser(SECOND_USER),
  ),
  'the version of the other user has no label': {
    ...TWO,
    make: ({ secret }) => secret.store.removeLabel({ label: sentLabel('v-second'), from: 'v-second' }),
    finds: ['other-user-unlabelled'],
    does: 'addLabel',
    labels: { 'v-second': [sentLabel('v-second')] },
    init: true,
  },
  'the two users have different roles': {
    ...TWO,
    make: ({ cluster }) => Object.assign(cluster, { roles: { [USER]: ['reader'] } }),
    finds: ['roles-differ'],
    prints: /Only app_reader has: reader\./,
    mend: ({ cluster }) => Object.assign(cluster, { roles: {} }),
  },
  'the schedule was missed, and the two users have different roles': {
    ...TWO,
    make: ({ cluster, secret }) => {
      Object.assign(cluster, { roles: { [USER]: ['reader'] } });
      Object.assign(secret, { nextRotationAt: 1 });
    },
    finds: ['roles-differ', 'overdue'],
    prints: /Start a rotation, which shows why it fails/,
    remains: ['overdue'],
    mend: ({ cluster }) => Object.assign(cluster, { roles: {} }),
    follow: ['rotate', setNextDate],
  },
  'only the login of the other user gets no answer': {
    ...TWO,
    make: ({ cluster }) => {
      const authenticates = cluster.authenticates.bind(cluster);
      cluster.authenticates = async (credentials) =>
        credentials.username === SECOND_USER ? { kind: 'forbidden' } : await authenticates(credentials);
    },
    finds: ['undecided undecided'],
    prints: /other app_reader_2, not known/,
    mend: ({ cluster }) => Reflect.deleteProperty(cluster, 'authenticates'),
  },
  'a rotation of the other user was cancelled': CANCELLED,
  'a rotation of the other user was cancelled, and the command knows one user only': {
    ...CANCELLED,
    make: all(CANCELLED.make, ({ aws }) => aws.failing.set('GetFunctionConfiguration', 'access-denied')),
    finds: ['rotation-cancelled', 'rotation-off'],
    mend: ({ aws }) => aws.failing.clear(),
  },
});
