import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../protocol/secret/versions.ts';
import {
  currentValue,
  type DeployedRotation,
  deployRotation,
  labelsOf,
  newUserWithSecret,
  rotateToItsEnd,
  setRetries,
} from '../support/deployed-rotation.ts';
import { entriesWith } from '../support/function-log.ts';
import { canLogIn, documentOf, newClusterUser, secretsManager, uniqueStackName } from '../support/servers.ts';
import { CachingApplication } from './support/caching-application.ts';

/** The tests are the steps of one story, so their order matters. */
describe('a secret that changes from a single user to alternating users and back', () => {
  const stackName = uniqueStackName('Rotation');
  let name: string;
  let first: Credentials;
  let second: Credentials;
  let rotation: DeployedRotation;
  /** Runs during the whole story, from one user to two users and back to one. */
  const application = new CachingApplication(() => current());

  beforeAll(async () => {
    const { secret, user } = await newUserWithSecret('tls', { note: 'survives' });
    [name, first, second] = [secret, user, await newClusterUser('tls')];
    await deploy({ username: first.username });
    await setRetries(name, 0);
    await application.start();
  });

  afterAll(() => application.stop());

  async function deploy(users: Record<string, string | string[]>): Promise<void> {
    rotation = await deployRotation([{ name, endpoint: first.endpoint.url, ...users }], {}, stackName);
  }

  async function credentialIn(version: { VersionStage: string } | { VersionId: string }): Promise<Credentials> {
    const answer = await secretsManager().getSecretValue({ SecretId: name, ...version });
    const { username, password } = parseDocument(answer.SecretString ?? '');
    return { ...first, username, password };
  }

  const current = (): Promise<Credentials> => credentialIn({ VersionStage: AWSCURRENT });
  const previous = (): Promise<Credentials> => credentialIn({ VersionStage: AWSPREVIOUS });

  /**
   * Logs in with the token in AWSCURRENT, again and again, until `work` ends.
   *
   * @returns the number of accepted logins, and the labels of the versions that were refused while
   * they held AWSCURRENT or AWSPREVIOUS.
   */
  async function callDuring(work: Promise<unknown>): Promise<{ accepted: number; refused: string[] }> {
    let works = true;
    const end = work.finally(() => {
      works = false;
    });
    const calls = { accepted: 0, refused: [] as string[] };
    while (works) {
      const { [AWSCURRENT]: versionId = '' } = await labelsOf(name);
      if (await canLogIn(await credentialIn({ VersionId: versionId }))) {
        calls.accepted += 1;
      } else {
        const labels = await labelsOf(name);
        calls.refused.push(...[AWSCURRENT, AWSPREVIOUS].filter((label) => labels[label] === versionId));
      }
    }
    await end;
    return calls;
  }

  async function expectBothLogIn(): Promise<void> {
    const both = [await current(), await previous()] as const;
    expect(new Set(both.map(({ username }) => username))).toEqual(new Set([first.username, second.username]));
    expect([await canLogIn(both[0]), await canLogIn(both[1])]).toEqual([true, true]);
  }

  it('gets a second user while the application keeps the first', async () => {
    const before = await labelsOf(name);
    const versionId = randomUUID();
    await secretsManager().putSecretValue({
      SecretId: name,
      ClientRequestToken: versionId,
      VersionStages: [sentLabel(versionId)],
      SecretString: documentOf(second, { note: 'survives' }),
    });
    const calls = await callDuring(
      deploy({ strategy: 'alternating-users', usernames: [first.username, second.username] }),
    );
    expect(calls).toEqual({ accepted: expect.any(Number), refused: [] });
    expect(calls.accepted).toBeGreaterThan(0);
    expect(await labelsOf(name)).toEqual({ ...before, [sentLabel(versionId)]: versionId });
  });

  it('keeps the token before the current one valid after each of three rotations', async () => {
    const tokens = [randomUUID(), `without-gap-${randomUUID()}`, `without-gap-${randomUUID()}`];
    for (const [index, token] of tokens.entries()) {
      const replaced = await current();
      expect((await callDuring(rotateToItsEnd(name, token))).refused).toEqual([]);
      const { username } = index % 2 === 0 ? second : first;
      expect(await labelsOf(name)).toMatchObject({ [AWSCURRENT]: token });
      const { password } = await current();
      expect(JSON.parse(await currentValue(name))).toEqual({
        ...(JSON.parse(documentOf({ ...first, username, password })) as object),
        note: 'survives',
      });
      expect(await previous()).toEqual(replaced);
      await expectBothLogIn();
      // A rotation may start only when every application has read the secret again.
      await expect.poll(() => application.username, { timeout: 20_000 }).toBe(username);
    }
    expect((await rotation.logLines()).filter((line) => line.includes('roles-differ'))).toEqual([]);
  });

  it('refuses a rotation within the minimum gap, and both tokens stay valid', async () => {
    const before = await labelsOf(name);
    const { LastRotatedDate } = await secretsManager().describeSecret({ SecretId: name });
    const token = await rotateToItsEnd(name);
    const possibleFrom = new Date((LastRotatedDate?.getTime() ?? 0) + 120 * 60_000).toISOString();
    expect(entriesWith(await rotation.logLines(), token, '"step-failed"')).toEqual([
      expect.objectContaining({
        step: 'createSecret',
        error_code: 'ROTATED_TOO_RECENTLY',
        error_message: expect.stringContaining(`The next rotation is possible from ${possibleFrom}`),
        retryable: false,
      }),
    ]);
    const labels = await labelsOf(name);
    expect(labels).not.toHaveProperty(AWSPENDING);
    for (const label of [AWSCURRENT, AWSPREVIOUS]) {
      expect(labels[label]).toBe(before[label]);
    }
    await expectBothLogIn();
  });

  it('goes back to the user in AWSCURRENT', async () => {
    const kept = await current();
    expect((await callDuring(deploy({ username: kept.username }))).refused).toEqual([]);
    expect(await current()).toEqual(kept);
  });

  it('has refused no call of an application that reads the secret every second, on the whole path', async () => {
    await application.stop();

    expect(application.refused).toEqual([]);
    expect(application.accepted).toBeGreaterThan(50);
  });

  it('rotates the kept user alone, which ends its old token', async () => {
    const kept = await current();
    const token = await rotateToItsEnd(name);
    expect(await labelsOf(name)).toMatchObject({ [AWSCURRENT]: token });
    const rotated = await current();
    expect(rotated.username).toBe(kept.username);
    expect([await canLogIn(rotated), await canLogIn(kept)]).toEqual([true, false]);
  });
});
