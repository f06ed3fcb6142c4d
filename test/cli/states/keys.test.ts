import { ControlPlaneError, type CreatedKey } from '../../../protocol/keys/control-plane.ts';
import { keyDescription } from '../../../protocol/keys/rotated-key.ts';
import { AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { proveStates } from '../support/prove-states.ts';
import { GAP, MANAGER, pin, SECRET, type World } from '../support/secret-fixture.ts';
import { all, type Change, type State, setNextDate } from '../support/state-world.ts';

const KEY = { of: 'key' } as const;
const WITH_MANAGER = { ...KEY, options: ['--manager'] } as const;

/** The first key that an organization creates, and the second. */
const FIRST_KEY_ID = 'key-00000000000001';
const OTHER_KEY_ID = 'key-00000000000002';

const byHand = ({ organization }: World, name = 'other', description = 'by hand'): CreatedKey =>
  organization.createByHand({ name, description, scope: SCOPE });

/** Somebody deleted the only stored key, and created another one. */
const loseKey = async (world: World): Promise<CreatedKey> => {
  await world.organization.delete(FIRST_KEY_ID);
  return byHand(world);
};

/** A person names the other key in the configuration, and deploys. */
const pinOther: Change = (world) => pin(world, { endpoint: ENDPOINT, apiKeyId: OTHER_KEY_ID });

const rotate = (world: World) => world.run(['rotate', SECRET]);

/** The function may list and create keys, and deletes none. */
const keepKeys =
  (rotations: number): Change =>
  async (world) => {
    world.organization.delete = () => Promise.reject(new ControlPlaneError('forbidden', 'code 96012'));
    for (let count = 0; count < rotations; count += 1) {
      world.clock.advance(2 * GAP);
      await rotate(world);
    }
  };

const waitForGap: Change = ({ clock }) => clock.advance(2 * GAP);
const deleteAgain: Change = ({ organization }) => Reflect.deleteProperty(organization, 'delete');

/** A person deletes the keys in the console that no version with a label of AWS holds. */
const deleteKeptKeys: Change = async (world) => {
  await deleteAgain(world);
  for (const { labels, versionId } of (await world.secret.store.describe()).versions) {
    if (!labels.some((label) => label.startsWith('AWS'))) {
      await world.organization.delete(JSON.parse(world.secret.store.valueOf(versionId) ?? '').apiKeyId);
    }
  }
};

const fillOrganization =
  (keys: number): Change =>
  async (world) => {
    for (let count = (await world.organization.list()).length; count < keys; count += 1) {
      byHand(world, 'unused');
    }
  };

const deleteUnusedKeys: Change = async ({ organization }) => {
  const unused = (await organization.list()).filter(({ name }) => name === 'unused');
  await Promise.all(unused.map(({ id }) => organization.delete(id)));
};

const addOrphan: Change = (world) => byHand(world, `${SECRET}/lost`, keyDescription(world.secret));

/** What the control plane refuses, until somebody mends it. */
const refused = (code: string, make: Change, mend: Change): State => ({
  ...WITH_MANAGER,
  ...{ make, finds: [code], mend },
});

proveStates({
  'an API key was rotated': { ...WITH_MANAGER, make: rotate, finds: [] },
  'no stored API key is accepted': {
    ...WITH_MANAGER,
    make: loseKey,
    finds: ['none-in-force', 'KEY_NOT_ROTATABLE'],
    follow: [`repair ${SECRET} --manager`],
    values: { 'KEY-ID': OTHER_KEY_ID },
  },
  'no stored API key is accepted, and a person has another one': {
    ...KEY,
    make: async (world) => {
      const { id, key } = await loseKey(world);
      world.passwords.push(id, key);
    },
    finds: ['none-in-force'],
    follow: ['init', pinOther],
  },
  'somebody deleted the API key in AWSCURRENT': {
    ...KEY,
    make: all(rotate, ({ organization }) => organization.delete(OTHER_KEY_ID)),
    finds: ['current-not-in-force'],
    does: 'promote removeLabel',
  },
  'somebody stored another field, and deleted the API key in AWSCURRENT': {
    ...KEY,
    make: all(rotate, async ({ organization, secret, rotated }) => {
      const current = JSON.parse(rotated.secret.labelledValues.at(-1) ?? '{}');
      secret.store.storeByHand('edit', JSON.stringify({ ...current, team: 'search' }));
      await organization.delete(OTHER_KEY_ID);
    }),
    finds: ['current-not-in-force'],
    does: 'put promote',
    holds: { apiKeyId: FIRST_KEY_ID, team: 'search' },
  },
  'the API key in AWSCURRENT has the role Owner': {
    ...WITH_MANAGER,
    make: (world) => {
      world.organization.changeScope(FIRST_KEY_ID, { orgRole: 'Owner', projects: [] });
      world.passwords.push(byHand(world).key);
    },
    finds: ['KEY_NOT_ROTATABLE'],
    follow: ['init', pinOther],
    values: { 'KEY-ID': OTHER_KEY_ID },
  },
  'the configuration names passwords, and the secret holds an API key': {
    ...KEY,
    make: ({ aws }) => Object.assign(aws.environment, { SECRET_TARGETS: '' }),
    finds: ['form-not-pinned'],
    mend: (world) => pin(world, world.rotated.pins),
  },
  'two replaced API keys are not deleted': { ...KEY, make: keepKeys(3), finds: [], mend: deleteAgain },
  'three replaced API keys are not deleted': {
    ...KEY,
    make: keepKeys(4),
    finds: ['notice keys-not-deleted'],
    remains: ['notice keys-not-deleted'],
    mend: deleteAgain,
    follow: [waitForGap, 'rotate'],
  },
  'the labels of API keys that are not deleted leave no room': {
    ...KEY,
    make: keepKeys(9),
    rotate: '3 LABELS_FULL',
    finds: ['keys-not-deleted', 'rotation-failed', 'overdue', 'notice rotation-incomplete'],
    repair: '3 keys-not-deleted',
    does: 'removeLabel',
    mend: deleteKeptKeys,
    follow: [({ secret }) => secret.store.removePendingByHand(), waitForGap, 'rotate', setNextDate],
  },
  'two replaced API keys are not deleted, and a rotation stopped': {
    ...KEY,
    make: all(keepKeys(3), async (world) => {
      const labels = [AWSPENDING, sentLabel('token-1')];
      await world.secret.store.put({ versionId: 'token-1', value: keyDocument(byHand(world)), labels });
    }),
    finds: ['notice rotation-incomplete'],
    does: 'removeLabel',
    remains: ['notice keys-not-deleted'],
    mend: deleteAgain,
    follow: ['repair', waitForGap, 'rotate'],
  },
  'a rotation lost the API key that it had created': {
    ...WITH_MANAGER,
    make: all(addOrphan, (world) => byHand(world, `${SECRET}/other`, 'of another')),
    finds: ['notice key-orphans'],
    prints: /no version names: key-00000000000002\./,
    follow: ['rotate'],
  },
  'the organization has 80 API keys': { ...WITH_MANAGER, make: fillOrganization(80), finds: [] },
  'the organization has 81 API keys': refused('notice key-quota', fillOrganization(81), deleteUnusedKeys),
  'the organization has 100 API keys': refused('key-quota', fillOrganization(100), deleteUnusedKeys),
  'the organization has 100 API keys, and the next rotation deletes one': {
    ...WITH_MANAGER,
    make: all(addOrphan, fillOrganization(100)),
    finds: ['notice key-quota', 'notice key-orphans'],
    follow: ['rotate', deleteUnusedKeys],
  },
  'the manager key may not list API keys': refused(
    'MANAGER_REJECTED',
    ({ organization }) => Object.assign(organization, { manager: 'forbidden' }),
    ({ organization }) => Object.assign(organization, { manager: 'accepted' }),
  ),
  'the manager secret holds the API key that is rotated': refused(
    'MANAGER_REJECTED',
    ({ aws, rotated }) => aws.secret(MANAGER).store.storeByHand('edit', rotated.passwordIn('AWSCURRENT') ?? ''),
    ({ aws }) => aws.secret(MANAGER).store.storeByHand('again', 'manager-key-0123456789'),
  ),
  'the function has no manager secret': {
    ...refused(
      'MANAGER_REJECTED',
      ({ aws }) => Reflect.deleteProperty(aws.environment, 'MANAGER_SECRET_ARN'),
      ({ aws }) => Object.assign(aws.environment, { MANAGER_SECRET_ARN: aws.secret(MANAGER).arn }),
    ),
    doctor: ['fail MANAGER_REJECTED', 'fail manager'],
  },
  'the control plane gives no answer': refused(
    'undecided CONTROL_PLANE_UNAVAILABLE',
    ({ organization }) => {
      organization.list = () => Promise.reject(new ControlPlaneError('unavailable', 'no route'));
    },
    ({ organization }) => Reflect.deleteProperty(organization, 'list'),
  ),
});
