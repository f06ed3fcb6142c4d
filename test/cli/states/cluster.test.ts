import { sentLabel } from '../../../protocol/secret/versions.ts';
import { document, ENDPOINT, USER } from '../../support/rotation-world.ts';
import { proveStates } from '../support/prove-states.ts';
import { addAdmin } from '../support/repair-fixture.ts';
import { pin } from '../support/secret-fixture.ts';
import { all, block, type Change, store, unlabel } from '../support/state-world.ts';

const INCOMPLETE = 'notice rotation-incomplete';
const WRONG = document('Wrong-password-1');
const authorize =
  (authorization: boolean): Change =>
  ({ cluster }) =>
    Object.assign(cluster, { authorization });
const reach =
  (reachable: boolean): Change =>
  ({ cluster }) =>
    Object.assign(cluster, { reachable });
const doNotDecrypt =
  (versionId: string): Change =>
  ({ secret }) =>
    secret.store.undecryptable.add(versionId);

/** A person has another password, and types it. */
const lose: Change = ({ cluster, passwords }) => {
  cluster.setByHand(USER, 'Console-1');
  passwords.push('Console-1');
};

proveStates({
  'another secret has changed the password': {
    of: 'one',
    make: (world) => {
      addAdmin(world, ENDPOINT);
      world.aws.add('copy', document('Unknown-1'));
      world.cluster.setByHand(USER, 'Unknown-1');
    },
    finds: ['none-in-force'],
    doctor: ['fail none-in-force', 'fail other-secrets'],
    omits: /--admin-secret/,
    // All applications read the first secret, so the operator deletes the other.
    follow: ['status zilliz/test copy', ({ aws }) => aws.secrets.delete('copy'), 'repair zilliz/test --admin-secret'],
    values: { 'ADMIN-SECRET': 'zilliz-admin' },
  },
  'a person has changed the password of two secrets for one user': {
    of: 'one',
    make: (world) => {
      addAdmin(world, ENDPOINT);
      world.aws.add('copy', WRONG);
      world.cluster.setByHand(USER, 'Unknown-1');
    },
    finds: ['none-in-force'],
    doctor: ['fail none-in-force', 'fail other-secrets'],
    // No AWSCURRENT is accepted, and one of both secrets must go all the same.
    prints: /accepted if possible, and delete the other/,
    follow: [({ aws }) => aws.secrets.delete('copy'), 'repair zilliz/test --admin-secret'],
    values: { 'ADMIN-SECRET': 'zilliz-admin' },
  },
  'no stored password is accepted, and a person knows it': {
    make: lose,
    finds: ['none-in-force'],
    prints: /only its first value/,
    follow: ['init'],
    init: true,
  },
  'no stored password is accepted, and a rotation stopped': {
    of: 'one',
    make: all(block, lose),
    finds: ['none-in-force', INCOMPLETE],
    prints: /only its first value/,
    follow: ['init'],
  },
  'no stored password is accepted, and a person stored a wrong one': {
    of: 'one',
    make: all(store(WRONG), lose),
    finds: ['none-in-force'],
    omits: /only its first value/,
    follow: ['init'],
  },
  'no stored password is accepted, and nobody knows it': {
    make: (world) => {
      addAdmin(world, ENDPOINT);
      world.cluster.setByHand(USER, 'Unknown-1');
    },
    finds: ['none-in-force'],
    // The next rotation gives applications a valid credential, if two users take turns.
    omits: /repair zilliz\/test --version/,
    follow: ['repair zilliz/test --admin-secret'],
    values: { 'ADMIN-SECRET': 'zilliz-admin' },
  },
  'the secret holds a placeholder, and the user does not exist': {
    of: 'one',
    make: (world) => {
      addAdmin(world, ENDPOINT);
      world.cluster.dropUser(USER);
    },
    rotate: '5 none-in-force',
    finds: ['none-in-force'],
    follow: ['init zilliz/test --admin-secret'],
    values: { 'ADMIN-SECRET': 'zilliz-admin', ROLE: 'reader' },
  },
  'AWS does not decrypt the accepted version': {
    of: 'one',
    make: all(store(WRONG), doNotDecrypt('v0')),
    finds: ['none-in-force'],
    doctor: ['fail none-in-force', 'fail keys'],
    prints: /kms:Decrypt/,
    mend: ({ secret }) => secret.store.undecryptable.clear(),
    follow: ['repair'],
  },
  'AWS does not decrypt a version that was stored after the accepted one': {
    of: 'one',
    make: all(store(document('Undecryptable-1'), WRONG), doNotDecrypt('edit-0')),
    finds: ['current-not-in-force'],
    doctor: ['fail current-not-in-force', 'fail keys'],
    does: 'promote',
  },
  'AWS does not decrypt AWSPENDING': {
    of: 'one',
    make: all(block, unlabel, doNotDecrypt('token-1')),
    finds: [INCOMPLETE],
    doctor: ['warning rotation-incomplete', 'fail keys'],
    does: 'addLabel removeLabel',
    labels: { 'token-1': [sentLabel('token-1')] },
  },
  'authorization is off': { make: authorize(false), finds: ['authorization-off'], mend: authorize(true) },
  'authorization is off, and the password is in the place of the user': {
    of: 'one',
    make: all((world) => pin(world, {}), store(document('app', { username: 'Swapped-1' })), authorize(false)),
    finds: ['authorization-off'],
    omits: /Swapped-1/,
    mend: authorize(true),
    follow: ['repair zilliz/test --version v0'],
  },
  'authorization is off, and a rotation stopped': {
    make: all(block, authorize(false)),
    finds: ['authorization-off', INCOMPLETE],
    mend: authorize(true),
    follow: ['repair'],
  },
  'the cluster is unreachable': { make: reach(false), finds: ['undecided undecided'], mend: reach(true) },
  'the cluster is unreachable, and a rotation stopped': {
    make: all(block, reach(false)),
    finds: ['undecided undecided', INCOMPLETE],
    mend: reach(true),
    follow: ['repair'],
  },
});
