import { beforeAll, describe, expect, it } from 'vitest';
import type { MilvusName } from '../../local/cloud/access.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import {
  currentPassword,
  type DeployedRotation,
  deployRotation,
  labelsOf,
  newSecret,
  passwordsOf,
  putValue,
  rotateToItsEnd,
  setRetries,
  type UserWithSecret,
} from '../support/deployed-rotation.ts';
import { entriesWith } from '../support/function-log.ts';
import { LOOPBACK } from '../support/loopback.ts';
import { leakedForms } from '../support/password-forms.ts';
import {
  canLogIn,
  createdPasswords,
  documentOf,
  newClusterUser,
  newPassword,
  restEndpoint,
  servers,
} from '../support/servers.ts';
import { printedByCommands, runCommand } from './support/operator-command.ts';

/** The deployed function and the command, which reach a real Milvus over REST only. */
describe('a rotation over REST', () => {
  let rotation: DeployedRotation;
  let tls: UserWithSecret;
  let plaintext: UserWithSecret;

  beforeAll(async () => {
    [tls, plaintext] = [await newRestUser('tls'), await newRestUser('plaintext')];
    const secrets = [tls.secret, plaintext.secret];
    rotation = await deployRotation(
      secrets.map((name) => ({ name })),
      { transport: 'rest' },
    );
  });

  /** Logs in over gRPC, at the other endpoint of the same Milvus. */
  function isInForce(server: MilvusName, { user }: UserWithSecret, password: string): Promise<boolean> {
    return canLogIn({ ...user, endpoint: grpcEndpoint(server), password });
  }

  it.each(['tls', 'plaintext'] as const)('changes the password that gRPC accepts, too: %s', async (server) => {
    const rotated = server === 'tls' ? tls : plaintext;
    const version = await rotateToItsEnd(rotated.secret);
    expect(await labelsOf(rotated.secret)).toMatchObject({ AWSCURRENT: version });
    expect(await isInForce(server, rotated, await currentPassword(rotated.secret))).toBe(true);
    expect(await isInForce(server, rotated, rotated.user.password)).toBe(false);
  });

  it('refuses a cluster without REST v2, and the log says so', async () => {
    const { secret, user } = plaintext;
    await setRetries(secret, 0);
    const before = await currentPassword(secret);
    await putValue(secret, documentOf({ ...user, password: before, endpoint: grpcEndpoint('plaintext') }));
    const version = await rotateToItsEnd(secret);
    const [failed] = entriesWith(await rotation.logLines(), version, '"step-failed"');
    expect(failed).toMatchObject({ message: expect.stringContaining('Milvus has REST v2 since 2.3.13') });
    expect(await isInForce('plaintext', plaintext, before)).toBe(true);
  });

  it('follows `rotate` and `status` over REST', async () => {
    const rotated = await runCommand('rotate', tls.secret, '--transport', 'rest');
    expect(rotated.code, rotated.err).toBe(0);
    expect(rotated.out).toContain(`at ${restEndpoint('tls').url} is accepted`);
    const status = await runCommand('status', tls.secret, '--transport', 'rest');
    expect(status.code, status.out).toBe(0);
    expect(status.out).toContain('accepted');
  });

  it('lets `repair` move AWSCURRENT back to the password in force over REST', async () => {
    const inForce = await labelsOf(tls.secret);
    await putValue(tls.secret, documentOf({ ...tls.user, password: newPassword() }));
    const repaired = await runCommand('repair', tls.secret, '--yes', '--transport', 'rest');
    expect(repaired.code, repaired.err).toBe(0);
    expect((await labelsOf(tls.secret))['AWSCURRENT']).toBe(inForce['AWSCURRENT']);
    expect(await isInForce('tls', tls, await currentPassword(tls.secret))).toBe(true);
  });

  it('writes no password to the log of the function or the output of the command', async () => {
    const rotated = await Promise.all([tls.secret, plaintext.secret].map(passwordsOf));
    const passwords = new Set([...createdPasswords, ...rotated.flat()]);
    expect(passwords.size).toBeGreaterThanOrEqual(5);
    const printed = [...(await rotation.logLines()), printedByCommands()].join('\n');
    expect(printed).toContain('AWSCURRENT');
    expect(leakedForms(printed, passwords)).toEqual([]);
  });
});

function grpcEndpoint(server: MilvusName): Endpoint {
  return parseEndpoint(servers().access.milvus[server].endpoint, LOOPBACK);
}

/** A user and a secret that names the REST endpoint of the Milvus. */
async function newRestUser(server: MilvusName): Promise<UserWithSecret> {
  const user = { ...(await newClusterUser(server)), endpoint: restEndpoint(server) };
  return { user, secret: await newSecret(documentOf(user)) };
}
