import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { keyDocument, SCOPE } from '../../support/key-world.ts';
import { fixture, SECRET, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

describe('doctor finds another secret', () => {
  const expectCopy = async (): Promise<void> => {
    const { document } = await fixture.runJson('doctor', SECRET);
    expect(document.checks).toContainEqual(
      expect.objectContaining({ check: 'other-secrets', status: 'fail', reason: expect.stringContaining('copy') }),
    );
  };
  const addCopy = (key = world.first): void =>
    void fixture.aws.add('copy', keyDocument(key, { endpoint: 'http://127.0.0.1:19531' }));

  it('with the key, for another cluster', async () => {
    addCopy();
    await expectCopy();
  });

  it('with the first key, after a rotation has replaced it in this secret', async () => {
    await fixture.run(['rotate', SECRET]);
    addCopy();
    await expectCopy();
  });

  it('for which the deployment pins the same key', async () => {
    addCopy(world.organization.createByHand({ name: 'other', description: '', scope: SCOPE }));
    fixture.aws.environment['SECRET_TARGETS'] = formatPins({ [SECRET]: world.pins, copy: world.pins });
    await expectCopy();
  });
});
