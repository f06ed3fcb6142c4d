import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPREVIOUS, sentLabel } from '../../../secret/versions.ts';
import { InMemorySecret } from '../../support/in-memory-secret.ts';
import { document, FIRST_PASSWORD, SECOND_USER, USER } from '../../support/rotation-world.ts';
import {
  documentOfSecondUser,
  fixture,
  GAP,
  pass,
  SECRET,
  secret,
  useAlternatingUsers,
  world,
} from '../support/alternating-fixture.ts';

useAlternatingUsers();

async function findings(...options: string[]): Promise<{ code: number; codes: string[] }> {
  const { code, document: status } = await fixture.runJson('status', SECRET, ...options);
  return { code, codes: status.secrets[0].findings.map((finding: { code: string }) => finding.code) };
}

describe('status of two users that take turns', () => {
  it('shows both users, and that the second user may take its first turn at once', async () => {
    fixture.cluster.roles = { [USER]: ['reader', 'writer'], [SECOND_USER]: ['writer', 'reader'] };

    const { code, out } = await fixture.run(['status', SECRET]);

    expect(out).toContain(`strategy   ${USER} and ${SECOND_USER} take turns, as the rotation function is configured`);
    expect(out).toMatch(new RegExp(`current {4}${USER}\\n`));
    expect(out).toContain(`other      ${SECOND_USER}, version v-second is in force`);
    expect(out).toContain('roles      equal: reader, writer');
    expect(out).toContain(`turn       the next rotation changes ${SECOND_USER}, possible now`);
    expect(code).toBe(0);
  });

  it('has the same facts in the JSON document, with the date that the function gives', async () => {
    await fixture.run(['rotate', SECRET]);
    const rotatedAt = secret.store.lastRotatedAt ?? 0;
    pass(GAP / 2);

    const { code, document: status } = await fixture.runJson('status', SECRET);

    const possibleFrom = new Date(rotatedAt + GAP).toISOString();
    expect(status.secrets[0].strategy).toEqual({
      name: 'alternating-users',
      source: 'function',
      users: [USER, SECOND_USER],
      current: { username: SECOND_USER, since: new Date(rotatedAt).toISOString(), roles: [] },
      other: { username: USER, inForce: true, versionId: 'v0', roles: [] },
      rolesEqual: true,
      nextRotationPossibleFrom: possibleFrom,
    });
    expect(code).toBe(0);
    expect((await fixture.run(['rotate', SECRET])).out).toContain(`possible from ${possibleFrom}`);
  });

  it('shows one accepted login of each user, and that it did not need the other versions', async () => {
    await fixture.run(['rotate', SECRET]);

    const { document: status } = await fixture.runJson('status', SECRET);

    const logins = status.secrets[0].versions.map(({ labels, login }: { labels: string[]; login: string }) => [
      labels.find((label) => label === AWSCURRENT || label === AWSPREVIOUS) ?? 'none of both',
      login,
    ]);
    expect(logins).toEqual([
      [AWSCURRENT, 'accepted'],
      ['none of both', 'not tried'],
      [AWSPREVIOUS, 'accepted'],
    ]);
  });

  it('names the end of the gap as the function does after a person has replaced the other credential', async () => {
    await fixture.run(['rotate', SECRET]);
    pass(2 * GAP);
    secret.store.storeByHand('by-hand', document(FIRST_PASSWORD));

    const { document: status } = await fixture.runJson('status', SECRET);

    const { out } = await fixture.run(['rotate', SECRET]);
    expect(out).toContain(`possible from ${status.secrets[0].strategy.nextRotationPossibleFrom}`);
  });

  it('uses MINIMUM_GAP_MINUTES of the function', async () => {
    fixture.aws.environment['MINIMUM_GAP_MINUTES'] = '30';
    await fixture.run(['rotate', SECRET]);

    const { document: status } = await fixture.runJson('status', SECRET);

    const { current, nextRotationPossibleFrom } = status.secrets[0].strategy;
    expect(Date.parse(nextRotationPossibleFrom) - Date.parse(current.since)).toBe(30 * 60_000);
  });

  it('reports different roles, until an admin has made them equal', async () => {
    fixture.cluster.roles = { [USER]: ['reader', 'writer'], [SECOND_USER]: ['admin', 'reader'] };

    const { code, out } = await fixture.run(['status', SECRET]);

    expect(code).toBe(3);
    expect(out).toContain(`Only ${USER} has: writer. Only ${SECOND_USER} has: admin. (roles-differ)`);
    expect(out).toContain('grant each role in this list to the other user, or revoke it');

    fixture.cluster.roles = { [USER]: ['reader', 'writer'], [SECOND_USER]: ['writer', 'reader'] };
    expect(await findings()).toEqual({ code: 0, codes: [] });
  });

  it('reports that the other user has no credential in force, until its advice is followed', async () => {
    fixture.cluster.setByHand(SECOND_USER, 'Changed-in-the-console-1');
    expect(await findings()).toEqual({ code: 3, codes: ['other-user-not-in-force'] });
    const { out } = await fixture.run(['status', SECRET]);
    expect(out).toContain(`other      ${SECOND_USER}, no stored version is in force`);
    expect(out).toContain(`--version-stages zilliz-sent:ID`);

    fixture.cluster.setByHand(SECOND_USER, 'Set-by-the-admin-1');
    const value = documentOfSecondUser('Set-by-the-admin-1');
    await secret.store.put({ versionId: 'ID', value, labels: [sentLabel('ID')] });
    expect(await findings()).toEqual({ code: 0, codes: [] });
    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
  });

  it('reports a credential of the other user without a sent label, until repair adds it', async () => {
    await secret.store.removeLabel({ label: sentLabel('v-second'), from: 'v-second' });
    expect(await findings()).toEqual({ code: 3, codes: ['other-user-unlabelled'] });

    const { code, out } = await fixture.run(['repair', SECRET, '--yes']);

    expect(code).toBe(0);
    expect(out).toContain(`Add the label ${sentLabel('v-second')}`);
    expect(secret.store.labelsOf('v-second')).toEqual([sentLabel('v-second')]);
    expect(secret.store.holder(AWSCURRENT)).toBe('v0');
    expect(await findings()).toEqual({ code: 0, codes: [] });
  });

  it('advises a rotation if only the credential of the other user is in force', async () => {
    fixture.cluster.setByHand(USER, 'Changed-in-the-console-1');
    expect(await findings()).toEqual({ code: 3, codes: ['none-in-force'] });
    const { out } = await fixture.run(['status', SECRET]);
    expect(out).toContain(`run \`zilliz-rotation rotate ${SECRET}\`: it is the turn of ${SECOND_USER}`);

    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
    expect(world.applicationsLogIn).toBe(true);
  });

  it('does not advise a rotation that the function would refuse', async () => {
    await fixture.run(['rotate', SECRET]);
    fixture.cluster.setByHand(SECOND_USER, 'Changed-in-the-console-1');

    const { out } = await fixture.run(['status', SECRET]);

    expect(out).toContain('(none-in-force)');
    expect(out).not.toContain('it is the turn of');
  });

  it('reports a user that the function does not pin, until AWSCURRENT names a pinned user', async () => {
    fixture.cluster.addUser('third', 'Third-1');
    secret.store.storeByHand('v-third', document('Third-1', { username: 'third', token: 'third:Third-1' }));
    expect(await findings()).toEqual({ code: 3, codes: ['user-not-pinned'] });

    secret.store.storeByHand('v1', document(FIRST_PASSWORD));
    expect(await findings()).toEqual({ code: 0, codes: [] });
  });

  it('leads to exit code 7 if only the login of the other user gets no answer', async () => {
    const { cluster } = fixture;
    const authenticates = cluster.authenticates.bind(cluster);
    cluster.authenticates = async (credentials) =>
      credentials.username === SECOND_USER ? { kind: 'forbidden' } : await authenticates(credentials);

    const { code, document: status } = await fixture.runJson('status', SECRET);

    expect(code).toBe(7);
    expect(status.secrets[0].strategy.other.inForce).toBeNull();
  });

  it('says that two secrets with a common user clash, whichever user is current', async () => {
    const other = new InMemorySecret('copy');
    other.storeByHand('copy-v1', documentOfSecondUser());
    fixture.aws.add('copy', '', { store: other });

    const { code, document: status } = await fixture.runJson('status', SECRET, 'copy');

    expect(code).toBe(3);
    expect(status.clashes).toMatchObject([{ username: SECOND_USER, secrets: [SECRET, 'copy'] }]);
  });
});
