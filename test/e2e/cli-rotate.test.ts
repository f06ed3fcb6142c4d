import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Credentials } from '../../cluster/cluster.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { PROJECT } from '../../local/project.ts';
import { parseDocument, tokenOf } from '../../secret/document.ts';
import {
  currentValue,
  deployRotation,
  labelsOf,
  newSecret,
  passwordsOf,
  rotationSettles,
  setRetries,
} from '../support/deployed-rotation.ts';
import { newClusterUser, newPassword, secretsManager, servers, uniqueName } from '../support/servers.ts';

interface Subject {
  readonly name: string;
  readonly user: Credentials;
}

/** The command as an operator runs it, against the deployed function, the emulator and real Milvus servers. */
describe('zilliz-rotation', () => {
  const printed: string[] = [];
  const everyPassword = new Set<string>();
  let json: Subject;
  let plain: Subject;
  let broken: Subject;
  let interrupted: Subject;

  beforeAll(async () => {
    json = await subject('tls', document);
    plain = await subject('plaintext', tokenOf, (user) => ({ 'zilliz:endpoint': user.endpoint.url }));
    broken = await subject('tls', document);
    interrupted = await subject('tls', document);
    const secrets = [json, plain, broken, interrupted];
    await deployRotation(secrets.map(({ name }) => ({ name })));
    await Promise.all(secrets.map(({ name }) => rotationSettles(name)));
  }, 120_000);

  async function subject(
    server: 'tls' | 'plaintext',
    value: (user: Credentials) => string,
    tags: (user: Credentials) => Record<string, string> = () => ({}),
  ): Promise<Subject> {
    const user = await newClusterUser(server);
    everyPassword.add(user.password);
    return { user, name: await newSecret(value(user), tags(user)) };
  }

  function document({ endpoint, username, password }: Credentials): string {
    return JSON.stringify({ endpoint: endpoint.url, username, password, token: tokenOf({ username, password }) });
  }

  function start(args: readonly string[]) {
    const { access } = servers();
    const here = ['--allow-endpoint', '127.0.0.1', '--allow-endpoint', 'localhost', '--ca-file', access.caFile];
    const child = spawn(process.execPath, [join(PROJECT, 'cli', 'main.ts'), ...args, ...here], {
      env: { ...awsEnvironment(access), PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => {
      printed.push(said.out, said.err);
      return { code: code as number, ...said };
    });
    return { child, said, ended };
  }

  function command(...args: string[]) {
    return start(args).ended;
  }

  function tlsCluster() {
    return createMilvusCluster({ privateCa: servers().access.milvus.tls.caPem });
  }

  async function logsIn(user: Credentials, secretId: string): Promise<boolean> {
    const { password } = parseDocument(await currentValue(secretId));
    const cluster = tlsCluster();
    return (await cluster.authenticates({ ...user, password })).kind === 'accepted';
  }

  it('rotates over TLS with a private authority, tells each step, and proves the login', async () => {
    const { code, out, err } = await command('rotate', json.name);

    expect(code, err).toBe(0);
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
      expect(err).toMatch(new RegExp(`${step} finished in \\d`));
    }
    expect(out).toContain(`AWSCURRENT   ${(await labelsOf(json.name))['AWSCURRENT']}`);
    expect(out).toContain(`${json.user.username} at ${json.user.endpoint.url} is accepted`);
    expect(await logsIn(json.user, json.name)).toBe(true);
  });

  it('rotates several at once, a plain user:password secret among them, with one JSON document on stdout', async () => {
    const { code, out, err } = await command('rotate', json.name, plain.name, '--json');

    expect(code, err).toBe(0);
    expect(JSON.parse(out).secrets).toEqual([
      expect.objectContaining({
        secret: json.name,
        outcome: 'rotated',
        versionId: (await labelsOf(json.name))['AWSCURRENT'],
      }),
      expect.objectContaining({ secret: plain.name, outcome: 'rotated' }),
    ]);
    expect(await logsIn(plain.user, plain.name)).toBe(true);
  });

  it('says which step failed and why, then why no other rotation starts', async () => {
    const { name, user } = broken;
    await setRetries(name, 0);
    const elsewhere = newPassword();
    everyPassword.add(elsewhere);
    expect(await tlsCluster().changePassword(user, elsewhere)).toEqual({ kind: 'changed' });

    const failed = await command('rotate', name, '--retry-wait', '0s', '--json');
    expect(failed.code, failed.err).toBe(3);
    expect(JSON.parse(failed.out).secrets[0].error).toMatchObject({
      code: 'NONE_IN_FORCE',
      step: 'setSecret',
      retryable: true,
      inForce: 'none of the stored',
    });

    const refused = await command('rotate', name);
    expect(refused.code, refused.err).toBe(5);
    expect(refused.out).toContain('(previous-incomplete)');
    expect(refused.out).toContain((await labelsOf(name))['AWSPENDING']);

    const status = await command('status', name);
    expect(status.code, status.err).toBe(3);
    expect(status.out).toContain('(none-in-force)');
  });

  it('has an admin reset a lost password, where the server lists that admin as a super user', async () => {
    const { name, user } = await subject('plaintext', document);
    const elsewhere = newPassword();
    everyPassword.add(elsewhere);
    expect(await createMilvusCluster().changePassword(user, elsewhere)).toEqual({ kind: 'changed' });

    const repaired = await command('repair', name, '--yes', '--admin-secret', await adminSecret('plaintext'));

    expect(repaired.code, repaired.out).toBe(0);
    expect(await logsIn(user, name)).toBe(true);
  });

  it('makes the user anew with its roles, where Milvus insists on the old password', async () => {
    const { name, user } = broken;
    const { tls } = servers().access.milvus;
    const root = { endpoint: user.endpoint, token: `root:${tls.rootPassword}` };
    const admin = createMilvusAdminCluster({ privateCa: tls.caPem });
    const role = uniqueName('reader');
    await servers().createClusterUser('tls', { ...throwaway(), roles: [role] });
    expect(await admin.grantRole(root, user.username, role)).toEqual({ kind: 'done' });
    const secret = await adminSecret('tls');

    const insists = await command('repair', name, '--yes', '--admin-secret', secret);
    expect(insists.code, insists.err).toBe(3);
    expect(insists.out).toContain('(old-password-needed)');

    const repaired = await command('repair', name, '--yes', '--admin-secret', secret, '--recreate-user');
    expect(repaired.code, repaired.out).toBe(0);
    expect(repaired.out).toContain(`drop ${user.username} and make it anew with its roles (${role})`);
    expect(await logsIn(user, name)).toBe(true);
    expect(await admin.describeUser(root, user.username)).toEqual({ kind: 'found', roles: [role] });
    expect((await command('status', name)).code).toBe(0);
    expect((await command('rotate', name)).code).toBe(0);
    // Five commands, two rotations: on a busy machine more than the usual minute.
  }, 120_000);

  it('asks an administrator only for what the server grants, and tells an absent user from a refusal', async () => {
    const { endpoint } = broken.user;
    const { tls } = servers().access.milvus;
    const admin = createMilvusAdminCluster({ privateCa: tls.caPem });
    const nobody = uniqueName('nobody');

    expect(await admin.describeUser({ endpoint, token: `root:${tls.rootPassword}` }, nobody)).toEqual({
      kind: 'absent',
    });
    const wrong = newPassword();
    everyPassword.add(wrong);
    const refused = await admin.createUser({ endpoint, token: `root:${wrong}` }, nobody, wrong);
    expect(refused).toMatchObject({ kind: 'refused', answer: expect.stringContaining('gRPC 16') });
  });

  async function adminSecret(server: 'tls' | 'plaintext'): Promise<string> {
    const { rootPassword } = servers().access.milvus[server];
    everyPassword.add(rootPassword);
    return newSecret(`root:${rootPassword}`);
  }

  function throwaway(): { username: string; password: string } {
    const password = newPassword();
    everyPassword.add(password);
    return { username: uniqueName('other'), password };
  }

  it('puts AWSCURRENT on the password in force when a cancelled rotation left it on the old one (row K)', async () => {
    // A secret that no rotation knows: the state that CancelRotateSecret leaves after setSecret.
    const { name, user } = await subject('tls', document);
    const password = newPassword();
    everyPassword.add(password);
    const put = await secretsManager().send(
      new PutSecretValueCommand({
        SecretId: name,
        SecretString: document({ ...user, password }),
        VersionStages: ['AWSPENDING'],
      }),
    );
    const cluster = tlsCluster();
    expect(await cluster.changePassword(user, password)).toEqual({ kind: 'changed' });
    expect(await logsIn(user, name)).toBe(false);

    const status = await command('status', name, '--json');
    expect(status.code, status.err).toBe(3);
    expect(JSON.parse(status.out).secrets[0].inForce).toEqual({ versionId: put.VersionId, stage: 'pending' });

    const plan = await command('repair', name);
    expect(plan.code, plan.err).toBe(5);
    expect(await logsIn(user, name)).toBe(false);

    const repaired = await command('repair', name, '--yes');
    expect(repaired.code, repaired.out).toBe(0);
    expect(await logsIn(user, name)).toBe(true);
  });

  it('finds a password that AWS no longer labels, once AWSPENDING was taken off (row B)', async () => {
    const { name, user } = await subject('plaintext', document);
    const password = newPassword();
    everyPassword.add(password);
    const label = 'AWSPENDING';
    const stranded = await secretsManager().send(
      new PutSecretValueCommand({
        SecretId: name,
        SecretString: document({ ...user, password }),
        VersionStages: [label],
      }),
    );
    // AWSPENDING moves on: the version before is left without a label.
    const other = newPassword();
    everyPassword.add(other);
    await secretsManager().send(
      new PutSecretValueCommand({
        SecretId: name,
        SecretString: document({ ...user, password: other }),
        VersionStages: [label],
      }),
    );
    expect(await createMilvusCluster().changePassword(user, password)).toEqual({ kind: 'changed' });

    const repaired = await command('repair', name, '--yes', '--json');

    expect(repaired.code, repaired.out).toBe(0);
    expect(JSON.parse(repaired.out)).toMatchObject({
      outcome: 'repaired',
      found: { inForce: { versionId: stranded.VersionId, stage: 'stranded' } },
    });
    expect(Object.keys(await labelsOf(name))).not.toContain(label);
    expect(await logsIn(user, name)).toBe(true);
  });

  it('names the clash of two secrets for one cluster user', async () => {
    const copy = await newSecret(await currentValue(json.name));

    const { code, out } = await command('status', json.name, plain.name, copy);

    expect(code).toBe(3);
    expect(out).toContain(`clash: ${json.name}, ${copy}`);
  });

  it('leaves a rotation running at Ctrl-C, and that rotation ends well', async () => {
    const { name, user } = interrupted;
    const { child, said, ended } = start(['rotate', name]);
    await expect.poll(() => said.err, { timeout: 20_000, interval: 5 }).toContain('rotation started');
    child.kill('SIGINT');
    const { code, out } = await ended;

    expect(code).toBe(130);
    expect(out).toContain('goes on in AWS without this command');
    await rotationSettles(name);
    const token = /version ([0-9a-f-]{36})/.exec(said.err)?.[1];
    expect((await labelsOf(name))['AWSCURRENT']).toBe(token);
    expect(await logsIn(user, name)).toBe(true);
  });

  it('prints no password in any form', async () => {
    for (const { name } of [json, plain, broken, interrupted]) {
      for (const password of await passwordsOf(name)) {
        everyPassword.add(password);
      }
    }
    const all = printed.join('\n');

    expect(everyPassword.size).toBeGreaterThan(12);
    expect(all).toContain('rotated in');
    const forms = [...everyPassword].flatMap((password) => [
      password,
      Buffer.from(password).toString('base64').replace(/=+$/, ''),
      Buffer.from(password).toString('hex'),
      encodeURIComponent(password),
      JSON.stringify(password).slice(1, -1),
    ]);
    expect(forms.filter((form) => all.includes(form))).toEqual([]);
  });
});
