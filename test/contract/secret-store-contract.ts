import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, holderOf, sentLabel } from '../../protocol/secret/versions.ts';

/** The store of a new secret, and the changes that others make to this secret. */
export interface StoreUnderTest {
  readonly store: SecretStore;
  /** Stores a new AWSCURRENT version, as a person does with PutSecretValue. */
  storeByHand(versionId: string, value: string): Promise<void>;
  /** Creates an empty AWSPENDING version, as RotateSecret does. */
  startRotation(token: string): Promise<void>;
}

/**
 * Declares the tests that every {@link SecretStore} passes, real or in memory.
 *
 * @param create makes a new secret whose AWSCURRENT version holds this value.
 */
export function secretStoreContract(name: string, create: (firstValue: string) => Promise<StoreUnderTest>): void {
  /** A secret with the value 'first' whose rotation has just started. */
  const createRotating = async (): Promise<StoreUnderTest & { token: string }> => {
    const created = await create('first');
    const token = randomUUID();
    await created.startRotation(token);
    return { ...created, token };
  };

  describe(`${name} is a SecretStore that`, () => {
    it('describes the labels, also of the empty pending version, and reads values by version', async () => {
      const { store, token } = await createRotating();
      const description = await store.describe();
      expect(description.rotationEnabled).toBe(true);
      expect(holderOf(description, AWSPENDING)).toBe(token);
      const current = holderOf(description, AWSCURRENT) ?? '';
      expect(await store.read(current)).toBe('first');
      expect(await store.read(token)).toBeUndefined();
      expect(await store.read(randomUUID())).toBeUndefined();
    });

    it('stores the value and the labels of the pending version in one call, which may be repeated', async () => {
      const { store, token } = await createRotating();
      const version = { versionId: token, value: 'second', labels: [AWSPENDING, sentLabel(token)] };
      expect(await store.put(version)).toBe('stored');
      expect(await store.put(version)).toBe('stored');
      expect(await store.read(token)).toBe('second');
      const { versions } = await store.describe();
      expect(versions.find(({ versionId }) => versionId === token)?.labels.toSorted()).toEqual(
        [AWSPENDING, sentLabel(token)].toSorted(),
      );
    });

    it('moves a label of another version to the pending version in the same call', async () => {
      const { store, token } = await createRotating();
      const first = holderOf(await store.describe(), AWSCURRENT) ?? '';
      const label = sentLabel(first);
      await store.addLabel({ label, to: first });
      await store.put({ versionId: token, value: 'second', labels: [AWSPENDING, label] });
      expect(holderOf(await store.describe(), label)).toBe(token);
    });

    it('keeps the value and the labels of a version when another value is put', async () => {
      const { store, token } = await createRotating();
      await store.put({ versionId: token, value: 'second', labels: [AWSPENDING] });
      const labels = [AWSPENDING, sentLabel(token)];
      expect(await store.put({ versionId: token, value: 'third', labels })).toBe('conflict');
      expect(await store.read(token)).toBe('second');
      expect(holderOf(await store.describe(), sentLabel(token))).toBeUndefined();
    });

    it('moves AWSCURRENT by compare-and-swap, and AWSPREVIOUS follows', async () => {
      const { store, token } = await createRotating();
      await store.put({ versionId: token, value: 'second', labels: [AWSPENDING] });
      const first = holderOf(await store.describe(), AWSCURRENT) ?? '';

      expect(await store.promote({ to: token, from: randomUUID() })).toBe('moved');
      expect(holderOf(await store.describe(), AWSCURRENT)).toBe(first);

      expect(await store.promote({ to: token, from: first })).toBe('done');
      const after = await store.describe();
      expect(holderOf(after, AWSCURRENT)).toBe(token);
      expect(holderOf(after, AWSPREVIOUS)).toBe(first);
      expect(holderOf(after, AWSPENDING)).toBe(token);

      // As if the SDK had repeated a request whose answer was lost.
      expect(await store.promote({ to: token, from: first })).toBe('done');
      expect(await store.promote({ to: first, from: first })).toBe('moved');
      expect(holderOf(await store.describe(), AWSCURRENT)).toBe(token);
    });

    it('adds a label that no other version has, and removes the label only from its version', async () => {
      const { store, token } = await createRotating();
      await store.put({ versionId: token, value: 'second', labels: [AWSPENDING] });
      const first = holderOf(await store.describe(), AWSCURRENT) ?? '';
      const label = sentLabel(token);
      await store.addLabel({ label, to: token });
      await store.addLabel({ label, to: token });
      await expect(store.addLabel({ label, to: first })).rejects.toMatchObject({ kind: 'refused' });
      expect(holderOf(await store.describe(), label)).toBe(token);
      expect(await store.removeLabel({ label, from: first })).toBe('moved');
      expect(await store.removeLabel({ label, from: token })).toBe('done');
      expect(await store.removeLabel({ label, from: token })).toBe('moved');
      expect(holderOf(await store.describe(), label)).toBeUndefined();
    });

    it('lists versions without a label, which stay readable', async () => {
      const { store, token } = await createRotating();
      expect((await store.list()).map(({ versionId }) => versionId)).not.toContain(token);
      await store.put({ versionId: token, value: 'second', labels: [AWSPENDING] });
      await store.removeLabel({ label: AWSPENDING, from: token });
      expect(holderOf(await store.describe(), AWSPENDING)).toBeUndefined();
      const listed = await store.list();
      expect(listed.find(({ versionId }) => versionId === token)).toMatchObject({ labels: [] });
      expect(listed).toHaveLength(2);
      expect(await store.read(token)).toBe('second');
    });

    it('shows that a value stored by hand became current and removed AWSPENDING', async () => {
      const { store, token, storeByHand } = await createRotating();
      await store.put({ versionId: token, value: 'second', labels: [AWSPENDING, sentLabel(token)] });
      const byHand = randomUUID();
      await storeByHand(byHand, 'by hand');
      const description = await store.describe();
      expect(holderOf(description, AWSCURRENT)).toBe(byHand);
      expect(holderOf(description, AWSPENDING)).toBeUndefined();
      expect(holderOf(description, sentLabel(token))).toBe(token);
    });
  });
}
