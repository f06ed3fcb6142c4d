import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { keys, SECRET, useWorld, world } from '../support/secret-fixture.ts';

useWorld('key');

describe('doctor finds another secret', () => {
  const expectCopy = async (): Promise<void> => {
    const { document } = await world.runJson('doctor', SECRET);
    expect(document.checks).toContainEqual(
      expect.objectContaining({ check: 'other-secrets', status: 'fail', reason: expect.stringContaining('copy') }),
    );
  };
  const addCopy = (key = keys.first): void =>
    void world.aws.add('copy', keyDocument(key, { endpoint: 'http://127.0.0.1:19531' }));

  it('with the key, for another cluster', async () => {
    addCopy();
    await expectCopy();
  });

  it('with the first key, after a rotation has replaced it in this secret', async () => {
    await world.run(['rotate', SECRET]);
    addCopy();
    await expectCopy();
  });

  it('for which the deployment pins the same key', async () => {
    addCopy(keys.organization.createByHand({ name: 'other', description: '', scope: SCOPE }));
    world.aws.environment['SECRET_TARGETS'] = formatPins({ [SECRET]: keys.pins, copy: keys.pins });
    await expectCopy();
  });
});
