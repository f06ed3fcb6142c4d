import { describe, expect, it } from 'vitest';
import type { ControlPlane, KeyScope, NewKey } from '../../protocol/keys/control-plane.ts';

export interface ControlPlaneUnderTest {
  readonly controlPlane: ControlPlane;
  /** The same organization, seen with an unknown manager key. */
  readonly unknownCaller: ControlPlane;
  /** The same organization, seen with a key that may not manage keys. */
  readonly forbiddenCaller: ControlPlane;
  /** A project of the organization with two clusters, sorted by id. */
  readonly project: { readonly id: string; readonly clusterIds: readonly string[] };
  /** How many keys the organization can have. */
  readonly quota: number;
  /** Whether a cluster of the project accepts this text as its token. */
  readonly accepts: (key: string) => boolean | Promise<boolean>;
}

/** Declares the tests that every {@link ControlPlane} passes. `create` makes a new organization. */
export function controlPlaneContract(name: string, create: () => Promise<ControlPlaneUnderTest>): void {
  describe(`${name} is a ControlPlane that`, () => {
    it('creates a key that clusters accept, and describes the key with its scope', async () => {
      const { controlPlane, project, accepts } = await create();
      const { id, key } = await controlPlane.create(keyOf(project));

      const described = (await controlPlane.list()).find((listed) => listed.id === id);
      expect(described).toEqual({ id, ...keyOf(project), createdAt: expect.any(Number) });
      expect(JSON.stringify(await controlPlane.list())).not.toContain(key);
      expect(await accepts(key)).toBe(true);
      expect(await accepts(`${key}x`)).toBe(false);
    });

    it('keeps the scope of one cluster, of all clusters and of no project', async () => {
      const { controlPlane, project } = await create();
      const scopes: KeyScope[] = [
        { orgRole: 'Member', projects: [{ ...projectScope(project.id), clusterIds: project.clusterIds.slice(1) }] },
        { orgRole: 'Member', projects: [{ ...projectScope(project.id), allCluster: true, role: 'Admin' }] },
        { orgRole: 'Billing-Admin', projects: [] },
      ];
      for (const scope of scopes) {
        const { id } = await controlPlane.create({ ...keyOf(project), scope });
        expect((await controlPlane.list()).find((listed) => listed.id === id)?.scope).toEqual(scope);
      }
    });

    it('creates another key with the same name', async () => {
      const { controlPlane, project } = await create();
      const first = await controlPlane.create(keyOf(project));
      const second = await controlPlane.create(keyOf(project));

      expect(second.id).not.toBe(first.id);
      expect(second.key).not.toBe(first.key);
      const ids = (await controlPlane.list()).filter((key) => key.name === keyOf(project).name).map(({ id }) => id);
      expect(ids.toSorted()).toEqual([first.id, second.id].toSorted());
    });

    it('deletes a key once, and says afterwards that the key is gone', async () => {
      const { controlPlane, project, accepts } = await create();
      const deleted = await controlPlane.create(keyOf(project));
      const kept = await controlPlane.create(keyOf(project));

      expect(await controlPlane.delete(deleted.id)).toBe('deleted');
      expect(await controlPlane.delete(deleted.id)).toBe('gone');
      expect(await controlPlane.delete('key-that-never-existed')).toBe('gone');
      const ids = (await controlPlane.list()).map(({ id }) => id);
      expect(ids).toContain(kept.id);
      expect(ids).not.toContain(deleted.id);
      expect([await accepts(deleted.key), await accepts(kept.key)]).toEqual([false, true]);
    });

    it('refuses an owner, a member without a project, no role and a blank name, and creates nothing', async () => {
      const { controlPlane, project } = await create();
      const before = await controlPlane.list();
      const refused: Array<Partial<NewKey>> = [
        { scope: { ...keyOf(project).scope, orgRole: 'Owner' } },
        { scope: { orgRole: 'Member', projects: [] } },
        { scope: { ...keyOf(project).scope, orgRole: '' } },
        { name: ' ' },
      ];
      for (const change of refused) {
        const creation = controlPlane.create({ ...keyOf(project), ...change });
        await expect(creation).rejects.toMatchObject({ name: 'ControlPlaneError', kind: 'refused' });
      }
      expect(await controlPlane.list()).toEqual(before);
    });

    it('refuses a key above the quota, until another key is deleted', async () => {
      const { controlPlane, project, quota } = await create();
      const room = quota - (await controlPlane.list()).length;
      const created = [];
      for (let number = 0; number < room; number += 1) {
        created.push(await controlPlane.create(keyOf(project)));
      }

      await expect(controlPlane.create(keyOf(project))).rejects.toMatchObject({ kind: 'refused' });
      expect(await controlPlane.list()).toHaveLength(quota);
      await controlPlane.delete(created.at(-1)?.id ?? '');
      expect(await controlPlane.create(keyOf(project))).toMatchObject({ id: expect.any(String) });
    });

    it.each([
      ['rejects an unknown caller', 'unknownCaller', 'rejected'],
      ['forbids a caller without the privilege', 'forbiddenCaller', 'forbidden'],
    ] as const)('%s, and changes nothing', async (_, caller, kind) => {
      const { controlPlane, project, ...callers } = await create();
      const { id } = await controlPlane.create(keyOf(project));
      const before = await controlPlane.list();

      const error = { name: 'ControlPlaneError', kind };
      await expect(callers[caller].list()).rejects.toMatchObject(error);
      await expect(callers[caller].create(keyOf(project))).rejects.toMatchObject(error);
      await expect(callers[caller].delete(id)).rejects.toMatchObject(error);
      expect(await controlPlane.list()).toEqual(before);
    });
  });
}

/** A key that may read and write in all clusters of `project`, each one named. */
function keyOf({ id, clusterIds }: ControlPlaneUnderTest['project']): NewKey {
  const projects = [{ ...projectScope(id), clusterIds }];
  return { name: 'rotated orders', description: 'For tests.', scope: { orgRole: 'Member', projects } };
}

function projectScope(projectId: string): KeyScope['projects'][number] {
  return { projectId, role: 'Read-Write', allCluster: false, clusterIds: [], allVolume: true, volumeIds: [] };
}
