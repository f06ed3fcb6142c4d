import { beforeEach, describe, expect, it } from 'vitest';
import { keyDescription, keyName } from '../../../../protocol/keys/rotated-key.ts';
import { revocationToken } from '../../../../protocol/rotation/strategies/minimum-gap.ts';
import { AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../../protocol/secret/versions.ts';
import { KeyWorld, keyDocument, SCOPE } from '../../../support/key-world.ts';

const HOUR_MS = 3_600_000;

let world: KeyWorld;

beforeEach(() => {
  world = new KeyWorld();
});

/** The text of the key in a version. */
function keyIn(versionId: string): string {
  return String(world.documentOf(versionId)['apiKey']);
}

async function rotateAndWait(token: string): Promise<void> {
  await world.rotate(token);
  world.now += 2 * HOUR_MS;
}

/** Runs finishSecret, and other rotations right after it has moved AWSCURRENT. */
async function finishWhileOthersRotate(token: string, ...others: readonly string[]): Promise<void> {
  await world.runBefore('finishSecret', token);
  const promote = async (move: { to: string; from: string }) => {
    const moved = await world.secret.promote(move);
    await world.rotate(...others);
    return moved;
  };
  await world.step('finishSecret', token, world.portsWith({ store: { promote } }));
}

describe('a late finishSecret keeps the minimum gap', () => {
  beforeEach(async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    world.useDatesOfAws();
    await rotateAndWait('t1');
  });

  it('of the key that it replaced, after the next rotation has moved AWSCURRENT', async () => {
    await finishWhileOthersRotate('t2', 't3');
    expect(world.organization.accepts(keyIn('t1'))).toBe(true);
  });

  it('of its own key, after two rotations have moved AWSCURRENT, also with a revocation', async () => {
    const token = revocationToken('1');
    await finishWhileOthersRotate(token, 't3', 't4');
    expect(world.organization.accepts(keyIn(token))).toBe(true);
  });
});

it('the minimum gap counts although a person removed AWSPREVIOUS', async () => {
  world.configure({ minimumGapMs: HOUR_MS });
  await world.rotate('t1');
  await world.secret.removeLabel({ label: AWSPREVIOUS, from: 'v0' });
  await world.rotate('t2');
  expect(world.organization.accepts(world.first.key)).toBe(true);
});

describe('no key is deleted', () => {
  it('if AWSCURRENT names it in a version that the list of versions lacks', async () => {
    await world.rotate('t1');
    world.secret.storeByHand('h1', world.secret.valueOf('t1') ?? '');
    world.secret.storeByHand('h2', world.secret.valueOf('t1') ?? '');
    await world.secret.removeLabel({ label: sentLabel('t1'), from: 't1' });
    const { list } = world.secret;
    world.secret.list = async () =>
      (await list.call(world.secret)).filter(({ versionId }) => versionId === 'v0' || versionId === 't2');
    await world.attempt('t2');
    expect(world.organization.accepts(keyIn('t1'))).toBe(true);
  });

  it('if AWSPREVIOUS names the key that setSecret gives up', async () => {
    await world.runBefore('setSecret');
    await world.secret.put({ versionId: 'tried', value: world.secret.valueOf('t1') ?? '', labels: ['owner'] });
    await world.secret.promote({ to: 'tried', from: 'v0' });
    await world.secret.promote({ to: 'v0', from: 'tried' });
    world.organization.changeScope(world.first.id, { ...SCOPE, orgRole: 'Billing-Admin' });
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'KEY_CHANGED' });
    expect(world.logsIn(AWSPREVIOUS)).toBe(true);
  });

  it('if AWSPREVIOUS and AWSPENDING are on its version, because a person moved AWSCURRENT back', async () => {
    await world.rotate('t1');
    await world.secret.promote({ to: 'v0', from: 't1' });
    world.organization.changeScope(world.first.id, { ...SCOPE, orgRole: 'Billing-Admin' });
    expect(await world.attempt('t1')).toMatchObject({ code: 'KEY_CHANGED' });
    expect(world.logsIn(AWSPREVIOUS)).toBe(true);
    await world.rotate('t2');
  });

  it('if a person stored it as AWSPENDING, although a rotation created it', async () => {
    const { organization, secret } = world;
    const request = { name: keyName(secret, 't1'), description: keyDescription(secret) };
    const stored = organization.createByHand({ ...request, scope: { ...SCOPE, orgRole: 'Billing-Admin' } });
    secret.startRotation('t1');
    await secret.put({ versionId: 't1', value: keyDocument(stored), labels: [AWSPENDING] });
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'KEY_CHANGED' });
    expect(organization.accepts(stored.key)).toBe(true);
  });

  it('of a revocation if a person moves AWSCURRENT back to its version', async () => {
    const token = revocationToken('1');
    await world.runBefore('finishSecret', token);
    const promote = async (move: { to: string; from: string }) => {
      const moved = await world.secret.promote(move);
      await world.secret.promote({ to: 'v0', from: token });
      return moved;
    };
    await world.step('finishSecret', token, world.portsWith({ store: { promote } }));
    expect(world.organization.accepts(world.first.key)).toBe(true);
  });

  it('if a person stored it again, and then moved AWSCURRENT back', async () => {
    await world.rotate('t1');
    world.secret.storeByHand('again', world.secret.valueOf('v0') ?? '');
    await world.secret.promote({ to: 't1', from: 'again' });
    await world.rotate('t2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
    await world.rotate('t3', 't4');
    expect(world.organization.accepts(world.first.key)).toBe(false);
  });

  it('if its version is of the same second as AWSPREVIOUS', async () => {
    world.secret.date = () => world.date;
    world.secret.storeByHand('v1', keyDocument(world.first));
    await world.rotate('t1', 't2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
  });

  it.each([
    ['a key without its id', () => world.first.key],
    ['broken JSON, which may name it', () => '{"apiKeyId":'],
  ])('if AWSPREVIOUS holds %s', async (_, value) => {
    await world.rotate('t1');
    world.secret.storeByHand('unusable', value());
    world.secret.storeByHand('mended', world.secret.valueOf('t1') ?? '');
    await world.addOwnersLabels(14);
    expect(await world.attempt('t2')).toMatchObject({ code: 'LABELS_FULL' });
    expect(world.organization.accepts(world.first.key)).toBe(true);
  });
});

describe('a key that is due is deleted', () => {
  beforeEach(async () => {
    await world.rotate('t1');
  });

  it('by dates as AWS tells them, after the minimum gap', async () => {
    world = new KeyWorld();
    world.configure({ minimumGapMs: HOUR_MS });
    world.useDatesOfAws();
    await rotateAndWait('t1');
    await rotateAndWait('t2');
    expect(world.organization.accepts(world.first.key)).toBe(false);
  });

  it('although a value without a key was AWSCURRENT until a person moved the label to the new version', async () => {
    world.configure({ minimumGapMs: HOUR_MS });
    await world.runBefore('finishSecret');
    world.secret.storeByHand('mistake', '{}');
    await world.secret.promote({ to: 't1', from: 'mistake' });
    await world.step('finishSecret', 't1');
    world.now += 2 * HOUR_MS;
    await rotateAndWait('t2');
    await rotateAndWait('t3');
    expect(await world.keyIds()).toEqual([world.keyIdIn(AWSPREVIOUS), world.keyIdIn('AWSCURRENT')].toSorted());
  });

  it('in createSecret if no label is free', async () => {
    await world.secret.removeLabel({ label: AWSPREVIOUS, from: 'v0' });
    await world.addOwnersLabels(14);
    expect(await world.attempt('t2')).toBe('succeeded');
    expect(world.organization.accepts(world.first.key)).toBe(false);
  });

  it('although its version names a host that is not allowed', async () => {
    const key = world.organization.createByHand({
      name: keyName(world.secret, 'v-host'),
      description: keyDescription(world.secret),
      scope: SCOPE,
    });
    const value = keyDocument(key, { endpoint: 'https://other.example.com' });
    const { date } = world.secret;
    world.secret.date = () => 1;
    await world.secret.put({ versionId: 'v-host', value, labels: [sentLabel('v-host')] });
    world.secret.date = date;
    await world.rotate('t2');
    expect(world.organization.accepts(key.key)).toBe(false);
  });

  it('or its label goes, if a person deleted it in the console', async () => {
    await world.organization.delete(world.first.id);
    await world.rotate('t2');
    expect(world.secret.labelsOf('v0')).toEqual([]);
  });
});

describe('no key is lost in silence', () => {
  it('if Secrets Manager does not answer', async () => {
    await world.rotate('t1');
    await world.runBefore('finishSecret', 't2');
    const list = () => Promise.reject(new Error('not now'));
    await world.step('finishSecret', 't2', world.portsWith({ store: { list } }));
    expect(world.story).toContainEqual({ event: 'label-kept', versionId: 'v0', why: 'not now' });
  });

  it('if AWS denies a newer version, which the log names with the next step', async () => {
    await world.rotate('t1');
    await world.runBefore('setSecret', 'given-up');
    world.secret.removePendingByHand();
    world.secret.undecryptable.add('given-up');
    await world.rotate('t2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
    const why = expect.stringMatching(/version given-up .*#the-kms-key-of-a-secret-was-changed/);
    expect(world.story).toContainEqual({ event: 'label-kept', versionId: 'v0', why });

    world.secret.undecryptable.clear();
    await world.rotate('t3');
    expect(world.organization.accepts(world.first.key)).toBe(false);
  });

  it('if a newer version holds broken JSON, which the log names', async () => {
    await world.rotate('t1');
    await world.secret.put({ versionId: 'broken', value: '{"apiKeyId":', labels: [sentLabel('broken')] });
    await world.rotate('t2');
    expect(world.organization.accepts(world.first.key)).toBe(true);
    const why = expect.stringMatching(/^version broken /);
    expect(world.story).toContainEqual({ event: 'label-kept', versionId: 'v0', why });
  });

  it('whose version a person moved AWSCURRENT from before setSecret', async () => {
    await world.runBefore('setSecret');
    await world.secret.promote({ to: 't1', from: 'v0' });
    await world.rotate('t2', 't3', 't4');
    expect(await world.keyIds()).not.toContain(world.first.id);
  });

  it('that a person made current between setSecret and finishSecret', async () => {
    const other = world.organization.createByHand({ name: 'by hand', description: '', scope: SCOPE });
    await world.secret.put({ versionId: 'other', value: keyDocument(other), labels: ['owner'] });
    await world.runBefore('finishSecret');
    await world.secret.promote({ to: 'other', from: 'v0' });
    await world.step('finishSecret', 't1');
    await world.rotate('t2', 't3');
    expect(world.story).toContainEqual({ event: 'key-kept', keyId: other.id });
  });
});
