import { beforeEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import { ADD_SECOND, addSecretOfFirstUser, B, SINGLE } from '../support/init-fixture.ts';
import { documentOf, documentOfUser, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

describe('init is refused, asks for nothing and changes nothing', () => {
  let fixture: Fixture;

  beforeEach(() => {
    fixture = createFixture();
    fixture.aws.environment['ROTATED_SECRETS'] = 'copy-??????';
  });

  async function expectRefused(args: readonly string[]): Promise<void> {
    fixture.passwords.push(NEW_PASSWORD);
    const { code, out } = await fixture.run([...args, '--yes']);
    expect(code, out).toBe(5);
    expect(out.replaceAll(/\s+/g, ' ')).toContain('orders and copy hold the same user');
    expect(fixture.passwords).toEqual([NEW_PASSWORD]);
    expect(fixture.aws.calls.filter((call) => /^(CreateSecret|put|promote|addLabel)/.test(call))).toEqual([]);
  }

  it('if another secret has the user of a new secret', async () => {
    fixture.cluster.addUser('app', NEW_PASSWORD);
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    await expectRefused(SINGLE);
  });

  it('if another secret has the second user', async () => {
    addSecretOfFirstUser(fixture, OLD_PASSWORD);
    fixture.aws.add('copy', documentOfUser(B, NEW_PASSWORD));
    await expectRefused(ADD_SECOND);
    expect(fixture.cluster.passwordOf(B)).toBeUndefined();
  });

  it('but not if secrets cannot be listed: a note says so', async () => {
    fixture.cluster.addUser('app', NEW_PASSWORD);
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    fixture.aws.failing.set('ListSecrets', 'access-denied');
    fixture.passwords.push(NEW_PASSWORD);

    const { code, document } = await fixture.runJson(...SINGLE, '--yes');

    expect(code).toBe(0);
    expect(document.notes).toEqual([expect.stringContaining('the secrets could not be listed')]);
  });
});
