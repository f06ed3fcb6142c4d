import { beforeAll, describe, expect, it } from 'vitest';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import {
  currentPassword,
  currentValue,
  deployRotation,
  labelsOf,
  newSecret,
  newUserWithPlainSecret,
  newUserWithSecret,
  passwordsOf,
  putValue,
  rotationSettles,
  setRetries,
  type UserWithSecret,
} from '../support/deployed-rotation.ts';
import { leakedForms } from '../support/password-forms.ts';
import {
  canLogIn,
  changePasswordOutside,
  createdPasswords,
  documentOf,
  newPassword,
  servers,
  uniqueName,
} from '../support/servers.ts';
import { newAdminSecret, newRole } from './support/admin-secret.ts';
import { printedByCommands, runCommand, startCommand } from './support/operator-command.ts';

/** The operator's command, with the deployed function, the emulator and real Milvus servers. */
describe('zilliz-rotation', () => {
  let json: UserWithSecret;
  let plain: UserWithSecret;
  let broken: UserWithSecret;
  let interrupted: UserWithSecret;
  let secrets: string[];

  beforeAll(async () => {
    json = await newUserWithSecret('tls');
    plain = await newUserWithPlainSecret('plaintext');
    broken = await newUserWithSecret('tls');
    interrupted = await newUserWithSecret('tls');
    secrets = [json, plain, broken, interrupted].map(({ secret }) => secret);
    await deployRotation(secrets.map((name) => ({ name })));
  });

  async function applicationsLogIn({ user, secret }: UserWithSecret): Promise<boolean> {
    return canLogIn({ ...user, password: await currentPassword(secret) });
  }

  /** Stores another password as AWSPENDING. */
  async function putPending({ user, secret }: UserWithSecret): Promise<{ pending: Credentials; versionId: string }> {
    const pending = { ...user, password: newPassword() };
    return { pending, versionId: await putValue(secret, documentOf(pending), ['AWSPENDING']) };
  }

  it('rotates over TLS with a private CA, prints each step, and proves the login', async () => {
    const { code, out, err } = await runCommand('rotate', json.secret);

    expect(code, err).toBe(0);
    // The command may end before the function logs the end of finishSecret.
    for (const step of ['createSecret', 'setSecret', 'testSecret']) {
      expect(err).toMatch(new RegExp(`${step} finished in \\d`));
    }
    expect(out).toContain(`AWSCURRENT ${(await labelsOf(json.secret))['AWSCURRENT']}`);
    expect(out).toContain(`${json.user.username} at ${json.user.endpoint.url} is accepted`);
    expect(await applicationsLogIn(json)).toBe(true);
  });

  it('shows the last rotation with history and report', async () => {
    const history = await runCommand('history', json.secret, '--json');
    const report = await runCommand('report', json.secret, '--format', 'json');

    const versionId = (await labelsOf(json.secret))['AWSCURRENT'];
    const rotation = {
      kind: 'rotation',
      versionId,
      outcome: 'succeeded',
      sources: expect.objectContaining({ outcome: 'log', startedAt: 'log' }),
    };
    expect(history.code, history.err).toBe(0);
    expect(JSON.parse(history.out)).toMatchObject({
      rotations: expect.arrayContaining([expect.objectContaining(rotation)]),
    });
    expect(report.code, report.err).toBe(0);
    const [reported] = (JSON.parse(report.out) as { secrets: Record<string, unknown>[] }).secrets;
    expect(reported).toMatchObject({
      secret: json.secret,
      rotations: expect.arrayContaining([expect.objectContaining(rotation)]),
      controls: expect.objectContaining({ 'SecretsManager.4': { result: 'passed', reason: '' } }),
    });
  });

  it('finds nothing wrong with doctor, and sees what the function has proven', async () => {
    const { code, out, err } = await runCommand('doctor', json.secret, '--json');

    const { checks } = JSON.parse(out) as { checks: Record<'check' | 'status' | 'madeBy', string>[] };
    expect(code, err).toBe(0);
    expect(checks.filter(({ status }) => status !== 'pass')).toEqual([
      expect.objectContaining({ check: 'alarms', status: 'warning' }),
    ]);
    const byFunction = checks.filter(({ madeBy }) => madeBy === 'function').map(({ check }) => check);
    expect(byFunction).toEqual(['allowed-host', 'own-password', 'function-network']);
  });

  it('rotates several secrets at once, also a plain user:password, and prints one JSON document', async () => {
    const { code, out, err } = await runCommand('rotate', json.secret, plain.secret, '--json');

    expect(code, err).toBe(0);
    expect(JSON.parse(out).secrets).toEqual([
      expect.objectContaining({
        secret: json.secret,
        outcome: 'rotated',
        versionId: (await labelsOf(json.secret))['AWSCURRENT'],
      }),
      expect.objectContaining({ secret: plain.secret, outcome: 'rotated' }),
    ]);
    expect(await applicationsLogIn(plain)).toBe(true);
  });

  it('names the step that failed with the reason, and then why no other rotation starts', async () => {
    const { secret, user } = broken;
    await setRetries(secret, 0);
    await changePasswordOutside(user);

    const failed = await runCommand('rotate', secret, '--retry-wait', '0s', '--json');
    expect(failed.code, failed.err).toBe(3);
    expect(JSON.parse(failed.out).secrets[0].error).toMatchObject({
      code: 'NONE_IN_FORCE',
      step: 'setSecret',
      retryable: true,
      inForce: 'none of the stored',
    });

    const refused = await runCommand('rotate', secret);
    expect(refused.code, refused.err).toBe(5);
    expect(refused.out).toContain('(previous-incomplete)');
    expect(refused.out).toContain((await labelsOf(secret))['AWSPENDING']);

    const status = await runCommand('status', secret);
    expect(status.code, status.err).toBe(3);
    expect(status.out).toContain('(none-in-force)');
  });

  it('resets a lost password with an admin whom Milvus lists as a super user', async () => {
    const lost = await newUserWithSecret('plaintext');
    await changePasswordOutside(lost.user);
    const admin = await newAdminSecret('plaintext');

    const repaired = await runCommand('repair', lost.secret, '--yes', '--admin-secret', admin);

    expect(repaired.code, repaired.out).toBe(0);
    expect(await applicationsLogIn(lost)).toBe(true);
  });

  it('creates the user again with its roles if Milvus requires the old password for a reset', async () => {
    const { secret, user } = broken;
    const { tls } = servers().access.milvus;
    const root = { endpoint: user.endpoint, token: `root:${tls.rootPassword}` };
    const adminCluster = createMilvusAdminCluster({ privateCa: tls.caPem });
    const role = await newRole('tls');
    expect(await adminCluster.grantRole(root, user.username, role)).toEqual({ kind: 'done' });
    const admin = await newAdminSecret('tls');

    const refused = await runCommand('repair', secret, '--yes', '--admin-secret', admin);
    expect(refused.code, refused.err).toBe(3);
    expect(refused.out).toContain('(old-password-needed)');

    // The second Ctrl-C ends the command at once, before, between or after the requests.
    const recreate = ['repair', secret, '--yes', '--admin-secret', admin, '--recreate-user'] as const;
    const killed = startCommand(...recreate);
    await expect.poll(() => killed.output.err, { timeout: 30_000, interval: 5 }).toContain('Roles of');
    killed.signal('SIGINT');
    killed.signal('SIGINT');
    await killed.result;
    expect(killed.output.out).toContain(`drop ${user.username} and create it again with its roles (${role})`);

    const repaired = await runCommand(...recreate);
    expect(repaired.code, repaired.out).toBe(0);
    expect(await applicationsLogIn(broken)).toBe(true);
    expect(await adminCluster.describeUser(root, user.username)).toEqual({ kind: 'found', roles: [role] });
    expect((await runCommand('status', secret)).code).toBe(0);
    expect((await runCommand('rotate', secret)).code).toBe(0);
  });

  it('moves AWSCURRENT back after a person stored a value that is no credential', async () => {
    const edited = await newUserWithSecret('plaintext');
    await putValue(edited.secret, 'no credential');
    const broken = await runCommand('status', edited.secret);
    const restored = await runCommand('repair', edited.secret, '--restore-previous', '--yes');

    expect(broken.code).toBe(3);
    expect(broken.out).toContain('--restore-previous');
    expect(restored.code, restored.out).toBe(0);
    expect(await applicationsLogIn(edited)).toBe(true);
  });

  it('distinguishes an absent user from an admin whose password the cluster rejects', async () => {
    const { endpoint } = broken.user;
    const { tls } = servers().access.milvus;
    const adminCluster = createMilvusAdminCluster({ privateCa: tls.caPem });
    const absent = uniqueName('absent');

    expect(await adminCluster.describeUser({ endpoint, token: `root:${tls.rootPassword}` }, absent)).toEqual({
      kind: 'absent',
    });
    const wrong = newPassword();
    const rejected = await adminCluster.createUser({ endpoint, token: `root:${wrong}` }, absent, wrong);
    expect(rejected).toMatchObject({ kind: 'refused', answer: expect.stringContaining('gRPC 16') });
  });

  it('moves AWSCURRENT to the password in force after a rotation was cancelled (row K)', async () => {
    // The state that CancelRotateSecret leaves after setSecret, in a secret without a rotation
    // function.
    const cancelled = await newUserWithSecret('tls');
    const { pending, versionId } = await putPending(cancelled);
    await changePasswordOutside(cancelled.user, pending);
    expect(await applicationsLogIn(cancelled)).toBe(false);

    const status = await runCommand('status', cancelled.secret, '--json');
    expect(status.code, status.err).toBe(3);
    expect(JSON.parse(status.out).secrets[0].inForce).toEqual({ versionId, stage: 'pending' });

    const plan = await runCommand('repair', cancelled.secret);
    expect(plan.code, plan.err).toBe(5);
    expect(await applicationsLogIn(cancelled)).toBe(false);

    const repaired = await runCommand('repair', cancelled.secret, '--yes');
    expect(repaired.code, repaired.out).toBe(0);
    expect(await applicationsLogIn(cancelled)).toBe(true);
  });

  it('finds a password in a version without a label, after AWSPENDING was removed from it (row B)', async () => {
    const unlabelled = await newUserWithSecret('plaintext');
    const { pending, versionId } = await putPending(unlabelled);
    // AWSPENDING moves to a newer version.
    await putPending(unlabelled);
    await changePasswordOutside(unlabelled.user, pending);

    const repaired = await runCommand('repair', unlabelled.secret, '--yes', '--json');

    expect(repaired.code, repaired.out).toBe(0);
    expect(JSON.parse(repaired.out)).toMatchObject({
      outcome: 'repaired',
      found: { inForce: { versionId, stage: 'stranded' } },
    });
    expect(Object.keys(await labelsOf(unlabelled.secret))).not.toContain('AWSPENDING');
    expect(await applicationsLogIn(unlabelled)).toBe(true);
  });

  it('names two secrets of the same cluster user', async () => {
    const copy = await newSecret(await currentValue(json.secret));

    const { code, out } = await runCommand('status', json.secret, plain.secret, copy);

    expect(code).toBe(3);
    expect(out).toContain(`clash: ${json.secret}, ${copy}`);
  });

  it('ends at Ctrl-C while its rotation continues and completes', async () => {
    const { output, result, signal } = startCommand('rotate', interrupted.secret);
    await expect.poll(() => output.err, { timeout: 20_000, interval: 5 }).toContain('rotation started');
    signal('SIGINT');
    const { code, out, err } = await result;

    expect(code).toBe(130);
    // A fast rotation can end before the command sees the signal.
    expect(out).toMatch(/continues in AWS|is complete: AWSCURRENT is the new version/);
    await rotationSettles(interrupted.secret);
    const token = /version ([0-9a-f-]{36})/.exec(err)?.[1];
    expect((await labelsOf(interrupted.secret))['AWSCURRENT']).toBe(token);
    expect(await applicationsLogIn(interrupted)).toBe(true);
  });

  it('prints no password in any form', async () => {
    const { tls, plaintext } = servers().access.milvus;
    const stored = (await Promise.all(secrets.map(passwordsOf))).flat();
    const passwords = new Set([...createdPasswords, ...stored, tls.rootPassword, plaintext.rootPassword]);

    expect(passwords.size).toBeGreaterThan(12);
    expect(printedByCommands()).toContain('rotated in');
    expect(leakedForms(printedByCommands(), passwords)).toEqual([]);
  });
});
