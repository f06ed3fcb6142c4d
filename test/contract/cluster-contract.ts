import { describe, expect, it } from 'vitest';
import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';

export interface ClusterUnderTest {
  readonly cluster: Cluster;
  /** A user that only this test uses, with its current password. */
  readonly user: Credentials;
  /** An endpoint at which nothing listens. */
  readonly unusedEndpoint: Endpoint;
  /** The token of an admin, and whether the cluster lets this admin reset passwords. */
  readonly admin: { readonly token: string; readonly mayReset: boolean };
}

/** Declares the tests that every {@link Cluster} passes. `create` makes a new user. */
export function clusterContract(name: string, create: () => Promise<ClusterUnderTest>): void {
  describe(`${name} is a Cluster that`, () => {
    it('accepts the right password, and rejects a wrong password and an unknown user', async () => {
      const { cluster, user } = await create();
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
      expect(await cluster.authenticates({ ...user, password: `${user.password}x` })).toEqual({ kind: 'rejected' });
      expect(await cluster.authenticates({ ...user, username: 'nobody_here' })).toEqual({ kind: 'rejected' });
    });

    it('accepts only the new password after a change', async () => {
      const { cluster, user } = await create();
      expect(await cluster.changePassword(user, 'A-new:password-1')).toEqual({ kind: 'changed' });
      expect(await cluster.authenticates(user)).toEqual({ kind: 'rejected' });
      expect(await cluster.authenticates({ ...user, password: 'A-new:password-1' })).toMatchObject({
        kind: 'accepted',
      });
    });

    it('accepts a change to the same password', async () => {
      const { cluster, user } = await create();
      expect(await cluster.changePassword(user, user.password)).toEqual({ kind: 'changed' });
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    });

    it('refuses a change from a wrong old password, and changes nothing', async () => {
      const { cluster, user } = await create();
      const answer = await cluster.changePassword({ ...user, password: 'wrong-password-1' }, 'A-new-password-1');
      expect(answer).toMatchObject({ kind: 'refused', reason: 'unauthenticated' });
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    });

    it.each([
      ['too short', 'Ab-1'],
      ['longer than 72 bytes', `Ab-1${'x'.repeat(70)}`],
    ])('refuses a new password that is %s, and says so', async (_, password) => {
      const { cluster, user } = await create();
      expect(await cluster.changePassword(user, password)).toMatchObject({ kind: 'refused', reason: 'new-password' });
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    });

    it('resets a password for an admin with that permission, and for nobody else', async () => {
      const { cluster, user, admin } = await create();
      const answer = await cluster.resetPassword(
        { endpoint: user.endpoint, token: admin.token },
        user.username,
        'Reset-password-1',
      );
      expect(answer).toMatchObject(admin.mayReset ? { kind: 'changed' } : { kind: 'refused', reason: 'old-password' });
      const password = admin.mayReset ? 'Reset-password-1' : user.password;
      expect(await cluster.authenticates({ ...user, password })).toMatchObject({ kind: 'accepted' });
      const stranger = await cluster.resetPassword(
        { endpoint: user.endpoint, token: 'nobody_here:Wrong-password-1' },
        user.username,
        'Stolen-password-1',
      );
      expect(stranger).toMatchObject({ kind: 'refused', reason: 'unauthenticated' });
      expect(await cluster.authenticates({ ...user, password: 'Stolen-password-1' })).toEqual({ kind: 'rejected' });
    });

    it('reports an endpoint at which nothing listens as unreachable, not as a rejected login', async () => {
      const { cluster, user, unusedEndpoint } = await create();
      const unreachable = { ...user, endpoint: unusedEndpoint };
      await expect(cluster.authenticates(unreachable)).rejects.toMatchObject({
        name: 'ClusterUnavailableError',
        kind: 'unreachable',
      });
    });

    it('reports both changes as lost at an endpoint at which nothing listens', async () => {
      const { cluster, user, admin, unusedEndpoint } = await create();
      const lost = { kind: 'lost', answer: expect.stringContaining(`${unusedEndpoint.url} is unreachable`) };
      expect(await cluster.changePassword({ ...user, endpoint: unusedEndpoint }, 'A-new-password-1')).toEqual(lost);
      const unreachable = { endpoint: unusedEndpoint, token: admin.token };
      expect(await cluster.resetPassword(unreachable, user.username, 'A-new-password-1')).toEqual(lost);
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    });
  });
}
