import { SecretStoreError } from '../../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../../protocol/secret/versions.ts';
import type { InMemorySecret } from '../../../support/in-memory-secret.ts';
import { replace } from '../../support/replace.ts';
import { inStore, type Planted } from './planted.ts';

/** In Secrets Manager, on versions and labels. */
export const OF_SECRETS: readonly Planted[] = [
  inStore('sm-write-once', 'differs', 'another value is no conflict', (store) => {
    replace(store, 'put', (put) => async (version) => {
      const outcome = await put(version);
      return outcome === 'conflict' ? 'stored' : outcome;
    });
  }),
  inStore('sm-pending-visible', 'differs', 'a version is readable late', (store, { fixture: { clock } }) => {
    let since = 0;
    replace(store, 'put', (put) => async (version) => {
      since = clock.now();
      return await put(version);
    });
    replace(store, 'read', (read) => async (versionId) => {
      return clock.now() - since < 2000 ? undefined : await read(versionId);
    });
  }),
  inStore('sm-compare-and-swap', 'differs', 'a label moves from any version', (store) => {
    replace(store, 'promote', (promote) => async ({ to }) => {
      return await promote({ to, from: store.holder(AWSCURRENT) ?? '' });
    });
  }),
  ...['sm-compare-and-swap', 'sm-versions-kept'].map((id) =>
    inStore(id, 'undecided', 'an earlier check could not store its version', (store) => {
      const error = storeError('PutSecretValue', 'ThrottlingException', 'unavailable');
      failPut(store, error, ({ labels }) => labels.includes('verify-b'));
    }),
  ),
  inStore('sm-previous-follows', 'differs', 'AWSPREVIOUS is lost', (store) => {
    replace(store, 'promote', (promote) => async (move) => {
      const outcome = await promote(move);
      await store.removeLabel({ label: AWSPREVIOUS, from: store.holder(AWSPREVIOUS) ?? '' });
      return outcome;
    });
  }),
  inStore('sm-last-changed', 'differs', 'the date stays', (store) => {
    const { lastChangedAt } = store;
    Object.defineProperty(store, 'lastChangedAt', { get: () => lastChangedAt, set: () => undefined });
  }),
  inStore('sm-versions-kept', 'differs', 'versions are deleted after 100', (store) => {
    replace(store, 'put', (put) => async (version) => {
      if (store.versionIds.length > 100) {
        store.deleteDeprecated();
      }
      return await put(version);
    });
  }),
  inStore('sm-labels-limit', 'differs', 'there is no limit', (store) => {
    store.addLabel = async () => undefined;
  }),
  inStore('sm-labels-limit', 'undecided', 'this identity may add no label', (store) => {
    store.addLabel = async () => {
      throw storeError('UpdateSecretVersionStage', 'AccessDeniedException', 'denied');
    };
  }),
];

export function failPut(
  store: InMemorySecret,
  error: SecretStoreError,
  isRefused: (version: Parameters<InMemorySecret['put']>[0]) => boolean,
): void {
  replace(store, 'put', (put) => async (version) => {
    if (isRefused(version)) {
      throw error;
    }
    return await put(version);
  });
}

export function storeError(action: string, code: string, kind: SecretStoreError['kind']): SecretStoreError {
  return new SecretStoreError({ action, code, kind, explanation: 'planted' });
}
