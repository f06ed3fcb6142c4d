import { ControlPlaneError, type DescribedKey } from '../../../../protocol/keys/control-plane.ts';
import { replace } from '../../support/replace.ts';
import type { VerifyWorld } from '../../support/verify-world.ts';
import { type Planted, withKey } from './planted.ts';

const OWNER = { orgRole: 'Owner', projects: [] };

/** On the control plane. */
export const OF_KEYS: readonly Planted[] = [
  withKey('keys-address', 'differs', 'the address has no keys', ({ organization }) => {
    let calls = 0;
    replace(organization, 'list', (list) => async () => (++calls > 1 ? [] : await list()));
  }),
  withKey('keys-quota', 'differs', 'the list has more keys', ({ organization }) => {
    replace(organization, 'list', (list) => async () => {
      const keys = await list();
      const more = Array.from({ length: 100 }, (_, index) => ({ ...keys[0], id: `key-${index}` }) as DescribedKey);
      return [...keys, ...more];
    });
  }),
  withKey('keys-codes', 'differs', 'any manager key is accepted', ({ fixture, organization }) => {
    fixture.connectControlPlane = () => organization;
  }),
  withKey('keys-ids', 'differs', 'an id has a slash', ({ organization }) => {
    const odd = { id: 'key/1', name: 'x', description: '', scope: OWNER, createdAt: 0 };
    replace(organization, 'list', (list) => async () => [...(await list()), odd]);
  }),
  withKey('keys-scope', 'differs', 'a key gets another scope', ({ organization }) => {
    replace(organization, 'create', (create) => async (key) => {
      const created = await create(key);
      organization.changeScope(created.id, { orgRole: 'Member', projects: [] });
      return created;
    });
  }),
  withKey('keys-names', 'differs', 'a name is used once', ({ organization }) => {
    replace(organization, 'create', (create) => async (key) => {
      const isUsed = (await organization.list()).some(({ name }) => name === key.name);
      return await create(isUsed ? { ...key, scope: OWNER } : key);
    });
  }),
  withKey('keys-names', 'undecided', 'the control plane gives no answer', ({ organization }) => {
    replace(organization, 'create', (create) => async (key) => {
      if (key.description.endsWith('.')) {
        throw new ControlPlaneError('unavailable', 'POST: HTTP 500');
      }
      return await create(key);
    });
  }),
  withKey('keys-listed', 'differs', 'the list has a full name late', ({ organization, fixture: { clock } }) => {
    const listed = (key: DescribedKey): DescribedKey =>
      (key.createdAt ?? 0) + 20_000 < clock.now() ? key : { ...key, name: key.name.slice(0, 60) };
    replace(organization, 'list', (list) => async () => (await list()).map(listed));
  }),
  withKey('zilliz-propagation', 'differs', 'the cluster learns late of a key', ({ organization }) => {
    organization.delayMs = 20_000;
  }),
  withKey('zilliz-propagation', 'holds', 'a deleted key stays valid', ({ organization, fixture: { cluster } }) => {
    cluster.acceptsKey = (key) => organization.everyKey.includes(key);
  }),
  withKey('keys-managers', 'differs', 'only keys of Owners manage', onlyOwnersManage),
  withKey('keys-managers', 'not checked', 'the key of --like is no project Admin', (world) => {
    world.organization.changeScope(world.args.key.at(-1) ?? '', { orgRole: 'Billing-Admin', projects: [] });
    onlyOwnersManage(world);
  }),
  withKey('keys-refusals', 'differs', 'deletion of an unknown key succeeds', ({ organization }) => {
    replace(organization, 'delete', (remove) => async (id) => {
      await remove(id);
      return 'deleted';
    });
  }),
];

function onlyOwnersManage({ fixture }: VerifyWorld): void {
  replace(fixture, 'connectControlPlane', (connect) => (key, ...settings) => {
    return connect(key === 'manager-key' ? key : 'verify-unknown', ...settings);
  });
}
