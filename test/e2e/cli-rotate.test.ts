import { beforeAll, describe, expect, it } from 'vitest';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import {
  currentPassword,
  deployRotation,
  labelsOf,
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
import { newAdminSecret } from './support/admin-secret.ts';
import { printedByCommands, runCommand, startCommand } from './support/operator-command.ts';

/** The operator's command, with the deployed function, the emulator and real Milvus servers. */
describe('zilliz-rotation', () => {
  let json: UserWithSecret;
  let plain: UserWithSecret;
  let broken: UserWithSecret;
  let secrets: string[];

  beforeAll(async () => {
    json = await newUserWithSecret('tls');
    plain = await newUserWithPlainSecret('plaintext');
    broken = await newUserWithSecret('tls');
    secrets = [json, plain, broken].map(({ secret }) => secret);
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

  it('names the step that failed, with the code that the function has logged', async () => {
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
  });

  it('resets a lost password with an admin whom Milvus lists as a super user', async () => {
    const lost = await newUserWithSecret('plaintext');
    await changePasswordOutside(lost.user);
    const admin = await newAdminSecret('plaintext');

    const repaired = await runCommand('repair', lost.secret, '--yes', '--admin-secret', admin);

    expect(repaired.code, repaired.out).toBe(0);
    expect(await applicationsLogIn(lost)).toBe(true);
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

  it.each([
    // A fast rotation can end before the command sees the signal.
    ['the first', ['SIGINT'], /continues in AWS|is complete: AWSCURRENT is the new version/],
    ['the second', ['SIGINT', 'SIGINT'], /^/],
  ] as const)('ends at %s Ctrl-C while its rotation continues and completes', async (_, signals, message) => {
    const { output, result, signal } = startCommand('rotate', json.secret);
    await expect.poll(() => output.err, { timeout: 20_000, interval: 5 }).toContain('rotation started');
    for (const each of signals) {
      signal(each);
    }
    const { code, out, err } = await result;

    expect(code).toBe(130);
    expect(out).toMatch(message);
    await rotationSettles(json.secret);
    const token = /version ([0-9a-f-]{36})/.exec(err)?.[1];
    expect((await labelsOf(json.secret))['AWSCURRENT']).toBe(token);
    expect(await applicationsLogIn(json)).toBe(true);
  });

  it('prints no password in any form', async () => {
    const { tls, plaintext } = servers().access.milvus;
    const stored = (await Promise.all(secrets.map(passwordsOf))).flat();
    const passwords = new Set([...createdPasswords, ...stored, tls.rootPassword, plaintext.rootPassword]);

    expect(passwords.size).toBeGreaterThan(8);
    expect(printedByCommands()).toContain('rotated in');
    expect(leakedForms(printedByCommands(), passwords)).toEqual([]);
  });
});
