import { AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, ENDPOINT, FIRST_PASSWORD, USER } from '../../support/rotation-world.ts';
import { FIRST_ID } from '../support/command-fixture.ts';
import { proveStates } from '../support/prove-states.ts';
import { pin } from '../support/secret-fixture.ts';
import { all, block, type Change, type State, sentIsAccepted, store } from '../support/state-world.ts';

const INCOMPLETE = 'notice rotation-incomplete';
const FOREIGN = 'https://milvus.example.com';
const OTHER_CLUSTER = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';
const RESTORE = 'repair zilliz/test --version v0';
const DECLARE_COPIES = 'aws secretsmanager tag-resource';
const WRONG = document('Wrong-password-1');

const of = (username: string, password = FIRST_PASSWORD): string => document(password, { username });
const at = (endpoint: string): string => document(FIRST_PASSWORD, { endpoint });
const nobodyPins: Change = (world) => pin(world, {});

/** AWSCURRENT repeats the password in a field that no rotation updates. */
const storeCopy = store(document(FIRST_PASSWORD, { dsn: FIRST_PASSWORD }));

/** The password of a stopped rotation is accepted, and a person has stored another field. */
const edit: Change = all(block, sentIsAccepted, store(document(FIRST_PASSWORD, { collection: 'a' })));
const addPending =
  (versionId: string): Change =>
  ({ secret }) =>
    secret.store.addLabel({ label: AWSPENDING, to: versionId });
const EDITED = {
  of: 'one',
  finds: ['current-not-in-force'],
  holds: { password: 'Sent-password-1', collection: 'a' },
} as const;

/** A person stored a wrong value, and an earlier version logs in. */
const restorable = (make: Change, finds: readonly string[], more: Partial<State> = {}): State => ({
  make,
  finds,
  omits: /--allow-endpoint HOST/,
  follow: [RESTORE],
  ...more,
});
const ONE = { of: 'one' } as const;
const INIT = { init: true } as const;

proveStates({
  'a wrong password was stored': { make: store(WRONG), finds: ['current-not-in-force'], does: 'promote', ...INIT },
  'two wrong passwords were stored, and a rotation stopped': {
    make: all(store(WRONG, document('Wrong-password-2')), block),
    finds: ['current-not-in-force', INCOMPLETE],
    prints: /accepts version v0 \(stranded\)/,
    does: 'promote removeLabel',
    labels: { 'edit-1': ['AWSPREVIOUS'], 'token-1': [sentLabel('token-1')] },
  },
  'a person stored another field after the change of a stopped rotation': {
    ...EDITED,
    make: edit,
    does: 'put promote',
    labels: { [FIRST_ID]: ['AWSCURRENT', sentLabel(FIRST_ID)], 'edit-0': ['AWSPREVIOUS'] },
  },
  'the next attempt of Secrets Manager adds AWSPENDING again after such an edit': {
    ...EDITED,
    make: all(edit, addPending('token-1')),
    finds: [...EDITED.finds, INCOMPLETE],
    does: 'put promote removeLabel',
  },
  'AWSPENDING is on the edited version': {
    ...EDITED,
    make: all(edit, addPending('edit-0')),
    does: 'put promote addLabel removeLabel',
    labels: { 'edit-0': ['AWSPREVIOUS', sentLabel('edit-0')] },
  },
  'a person stored the old value after the change of a stopped rotation': {
    of: 'one',
    make: all(block, sentIsAccepted, store(document(FIRST_PASSWORD))),
    finds: ['current-not-in-force'],
    does: 'promote',
    labels: { 'token-1': ['AWSCURRENT', sentLabel('token-1')] },
  },
  'no credential was stored': restorable(store('garbage'), ['unusable-secret'], {
    rotate: '5 unusable-secret',
    follow: ['status', RESTORE],
    init: true,
  }),
  'no credential was stored, and a rotation stopped': restorable(all(store('garbage'), block), [
    'unusable-secret',
    INCOMPLETE,
  ]),
  'no credential was stored twice': restorable(store('garbage', 'garbage'), ['unusable-secret'], INIT),
  'a note was stored': restorable(store('later: ask Bob'), ['user-not-pinned', 'none-in-force']),
  'a note was stored, and the configuration pins nothing': restorable(
    all(nobodyPins, store('later: ask Bob')),
    ['unusable-secret'],
    ONE,
  ),
  'a note was stored, and the configuration pins a host that is not allowed here': restorable(
    all((world) => pin(world, { endpoint: FOREIGN, username: USER }), store('later: ask Bob')),
    ['user-not-pinned'],
    { of: 'one', mend: (world) => pin(world, { endpoint: ENDPOINT, username: USER }) },
  ),
  'a field was not filled in': restorable(all(nobodyPins, store(at('fill me in'))), ['unusable-secret'], ONE),
  'the user was not filled in': restorable(all(nobodyPins, store(of('fill me in'))), ['unusable-secret'], ONE),
  'another user was stored': restorable(
    all(({ cluster }) => cluster.addUser('other', 'Other-1'), store(of('other', 'Other-1'))),
    ['user-not-pinned'],
    INIT,
  ),
  'two wrong users were stored': restorable(store(of('apq'), of('apr')), ['user-not-pinned', 'none-in-force']),
  'a host was stored that is not allowed': restorable(store(at(FOREIGN)), ['endpoint-not-pinned'], INIT),
  'another cluster was stored': restorable(store(at(OTHER_CLUSTER)), ['endpoint-not-pinned'], INIT),
  'a host was stored that is not allowed, and the configuration pins nothing': restorable(
    all(nobodyPins, store(at(FOREIGN))),
    ['undecided undecided'],
    {
      of: 'one',
      doctor: ['fail undecided'],
      prints: /repair zilliz\/test --version v0.*--allow-endpoint HOST/,
      omits: /zilliz-rotation init/,
    },
  ),
  'a host was stored that gets no password in plain text, and the configuration pins nothing': restorable(
    all(nobodyPins, store(at('http://milvus.example.com'))),
    ['undecided undecided'],
    { of: 'one', doctor: ['fail undecided'], prints: /--allow-plaintext/, omits: /zilliz-rotation init/ },
  ),
  'a copy of the password was stored': { make: storeCopy, finds: ['stale-copies'], follow: [DECLARE_COPIES] },
  'a copy of the password was stored, and a rotation stopped': {
    of: 'one',
    make: all(storeCopy, block),
    finds: ['stale-copies', INCOMPLETE],
    repair: '3 stale-copies',
    does: 'removeLabel',
    follow: [DECLARE_COPIES, 'repair'],
  },
  'a copy of the password was stored, and a rotation stopped after the change': {
    of: 'one',
    make: all(storeCopy, block, sentIsAccepted),
    finds: ['current-not-in-force', 'stale-copies', INCOMPLETE],
    repair: '5 stale-copies',
    follow: [DECLARE_COPIES, 'repair'],
  },
});
