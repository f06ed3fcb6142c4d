import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { awsCommandsIn } from '../../support/aws-command-line.ts';
import { document, FIRST_PASSWORD, USER } from '../../support/rotation-world.ts';
import { SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';

useWorld('one');

/** A person has stored a wrong password, so a repair moves AWSCURRENT back. */
function storeWrongPassword(): void {
  world.aws.environment['ROTATED_EVENTS'] = 'true';
  secret.store.storeByHand('edited', document('Wrong-by-hand-1'));
}

describe('a secret whose function sends events', () => {
  it("sends the event right after AWSCURRENT has moved, with the secret's time of that, and says so in the plan", async () => {
    storeWrongPassword();
    const { code, out } = await world.run(['repair', SECRET, '--yes']);
    expect(code).toBe(0);
    const versionId = secret.store.holder(AWSCURRENT) ?? '';
    const rotatedAt = new Date(secret.store.lastChangedAt ?? 0).toISOString();
    expect(world.aws.events).toEqual([{ secretArn: secret.arn, secretName: SECRET, versionId, rotatedAt }]);
    expect(out).toContain('"Credential Rotated"');
    const moves = world.aws.calls.filter((call) => /^(promote|PutEvents)/.test(call)).map((call) => call.split(' ')[0]);
    expect(moves).toEqual(['promote', 'PutEvents']);
    expect(JSON.stringify(world.aws.events)).not.toContain(FIRST_PASSWORD);
  });

  it('succeeds without the event if AWS denies it, and names the command that sends it', async () => {
    storeWrongPassword();
    world.aws.failing.set('PutEvents', 'access-denied');
    const { code, err } = await world.run(['repair', SECRET, '--yes', '--profile', "shop's"]);
    expect(code).toBe(0);
    const [advised = ''] = awsCommandsIn(err);
    // The shell replaces the command, and prints its words.
    const words = execFileSync('sh', ['-c', `aws() { printf '%s\\n' "$@"; }; ${advised}`], { encoding: 'utf8' }).split(
      '\n',
    );
    expect(words.slice(0, 5)).toEqual(['events', 'put-events', '--region', 'us-east-1', '--entries']);
    expect(words.slice(6, 8)).toEqual(['--profile', "shop's"]);
    const [entry] = JSON.parse(words[5] ?? '');
    expect(entry).toMatchObject({ Source: 'zilliz.rotation', DetailType: 'Credential Rotated' });
    expect(JSON.parse(entry.Detail)).toMatchObject({ versionId: secret.store.holder(AWSCURRENT) });
  });

  it('gets it from init too, which moves AWSCURRENT to a password that a person knows', async () => {
    storeWrongPassword();
    world.cluster.setByHand(USER, 'Console-1');
    world.passwords.push('Console-1');
    expect((await world.run(['init', SECRET, '--yes'])).code).toBe(0);
    expect(world.aws.events).toMatchObject([{ versionId: secret.store.holder(AWSCURRENT) }]);
  });

  it('sends none if AWSCURRENT stays where it is', async () => {
    world.aws.environment['ROTATED_EVENTS'] = 'true';
    expect((await world.run(['repair', SECRET, '--yes'])).code).toBe(0);
    expect(world.aws.events).toEqual([]);
  });

  it('sends none if the function sends none, and does not mention it', async () => {
    storeWrongPassword();
    delete world.aws.environment['ROTATED_EVENTS'];
    const { code, out } = await world.run(['repair', SECRET, '--yes']);
    expect([code, out.includes('event')]).toEqual([0, false]);
    expect(world.aws.events).toEqual([]);
  });
});
