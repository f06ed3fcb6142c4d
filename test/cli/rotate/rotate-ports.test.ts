import { expect, it } from 'vitest';
import { writesOf } from '../../../cli/rotate/rotate-ports.ts';
import { sentLabel } from '../../../protocol/secret/versions.ts';
import { createFixture } from '../support/command-fixture.ts';

it('counts two writes for the first rotation, and one more for each label that finishSecret removes', async () => {
  const { aws } = createFixture();
  const { store } = aws.add('orders', 'app:password');
  expect(writesOf(await aws.rotation.describeSecret('orders'))).toBe(2);

  await store.addLabel({ label: sentLabel('orders-v1'), to: 'orders-v1' });

  expect(writesOf(await aws.rotation.describeSecret('orders'))).toBe(3);
});
