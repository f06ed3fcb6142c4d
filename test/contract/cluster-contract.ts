import { describe, expect, it } from 'vitest';
import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import type { Endpoint } from '../../cluster/endpoint.ts';

export interface ClusterUnderTest {
  readonly cluster: Cluster;
  /** A user of the test's own, logged in with its present password. */
  readonly user: Credentials;
  /** An endpoint at which nothing listens. */
  readonly nowhere: Endpoint;
  /** A token that may ask for a reset, and whether the cluster grants it. */
  readonly admin: { readonly token: string; readonly granted: boolean };
}

/** What every {@link Cluster} does, the real and the fake. `create` makes a cluster user. */
export function clusterContract(name: string, create: () => Promise<ClusterUnderTest>): void {
  describe(`${name} is a Cluster that`, () => {
    it('tells a right password from a wrong one and from an unknown user', async () => {
      const { cluster, user } = await create();
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
      expect(await cluster.authenticates({ ...user, password: `${user.password}x` })).toEqual({ kind: 'rejected' });
      expect(await cluster.authenticates({ ...user, username: 'nobody_here' })).toEqual({ kind: 'rejected' });
    });

    it('changes a password, after which only the new one passes', async () => {
      const { cluster, user } = await create();
      expect(await cluster.changePassword(user, 'A-new:password-1')).toEqual({ kind: 'changed' });
      expect(await cluster.authenticates(user)).toEqual({ kind: 'rejected' });
      expect(await cluster.authenticates({ ...user, password: 'A-new:password-1' })).toMatchObject({
        kind: 'accepted',
      });
    });

    it('takes the same password again', async () => {
      const { cluster, user } = await create();
      expect(await cluster.changePassword(user, user.password)).toEqual({ kind: 'changed' });
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    });

    it('refuses a change from a wrong old password, and changes nothing', async () => {
      const { cluster, user } = await create();
      const answer = await cluster.changePassword({ ...user, password: 'wrong-password-1' }, 'A-new-password-1');
      expect(answer).toMatchObject({ kind: 'refused', reason: 'old-password' });
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    });

    it.each([
      ['too short', 'Ab-1'],
      ['longer than 72 bytes', `Ab-1${'x'.repeat(70)}`],
    ])('refuses a new password that is %s, for good', async (_, password) => {
      const { cluster, user } = await create();
      expect(await cluster.changePassword(user, password)).toMatchObject({ kind: 'refused', reason: 'new-password' });
      expect(await cluster.authenticates(user)).toMatchObject({ kind: 'accepted' });
    });

    it('resets a password for an admin that it grants this to, and changes nothing for another', async () => {
      const { cluster, user, admin } = await create();
      const answer = await cluster.resetPassword(
        { endpoint: user.endpoint, token: admin.token },
        user.username,
        'Reset-password-1',
      );
      expect(answer).toMatchObject(admin.granted ? { kind: 'changed' } : { kind: 'refused', reason: 'old-password' });
      const now = admin.granted ? 'Reset-password-1' : user.password;
      expect(await cluster.authenticates({ ...user, password: now })).toMatchObject({ kind: 'accepted' });
      const stranger = await cluster.resetPassword(
        { endpoint: user.endpoint, token: 'nobody_here:Wrong-password-1' },
        user.username,
        'Stolen-password-1',
      );
      expect(stranger.kind).toBe('refused');
      expect(await cluster.authenticates({ ...user, password: 'Stolen-password-1' })).toEqual({ kind: 'rejected' });
    });

    it('is unreachable, not rejecting, where nothing listens', async () => {
      const { cluster, user, nowhere } = await create();
      const away = { ...user, endpoint: nowhere };
      await expect(cluster.authenticates(away)).rejects.toMatchObject({
        name: 'ClusterUnavailableError',
        kind: 'unreachable',
      });
      await expect(cluster.changePassword(away, 'A-new-password-1')).rejects.toMatchObject({ kind: 'unreachable' });
    });
  });
}
