import { AWSCURRENT, AWSPREVIOUS, holderOf } from '../../../protocol/secret/versions.ts';
import { formatDuration } from '../../terminal/time.ts';
import { waitUntil } from '../follow.ts';
import { compare, given, holdsIf, UndecidedError } from '../observation.ts';
import { storeCredential } from '../run.ts';
import type { Assumptions } from './assumption.ts';
import { API, ASSUMED, documented } from './evidence.ts';

/** As `newPassword` of the function waits for a stored version. */
const VISIBLE_WITHIN_MS = 1500;
const LOOKS_FOR_MS = 10_000;
const PAUSE_MS = 50;
const NO_VERSION = 'An earlier check stored no version.';

/** On the versions of the temporary secret, before any rotation. */
export const VERSIONS: Assumptions = {
  'sm-write-once': {
    behaviour: 'PutSecretValue with the id of an existing version changes nothing, and is refused for another value.',
    evidence: documented(`${API}API_PutSecretValue.html`),
    ifFalse: 'a repeated createSecret replaces a password. Each step reads the stored value again',
    check: async (run) => {
      const { store } = run;
      const versionId = await storeCredential(run, ['verify-a']);
      const value = (await store.read(versionId)) ?? '';
      const again = await store.put({ versionId, value, labels: ['verify-a'] });
      const other = await store.put({ versionId, value: `${value} `, labels: ['verify-a'] });
      return compare({
        'the same value again': [again, 'stored'],
        'another value': [other, 'conflict'],
        'the value stays': (await store.read(versionId)) === value,
      });
    },
  },
  'sm-pending-visible': {
    behaviour: 'The next step can read a stored version within 1.5 seconds.',
    evidence: ASSUMED,
    ifFalse: 'PENDING_MISSING before any change. The next attempt continues',
    check: async (run) => {
      const { store, clock } = run;
      const versionId = await storeCredential(run, ['verify-b']);
      const storedAt = clock.now();
      const isReadable = async (): Promise<boolean> => (await store.read(versionId)) !== undefined;
      const isStored = await waitUntil(run, LOOKS_FOR_MS, isReadable, PAUSE_MS);
      const took = clock.now() - storedAt;
      return holdsIf(
        isStored && took <= VISIBLE_WITHIN_MS,
        `a stored version is ${isStored ? '' : 'not '}readable after ${formatDuration(took)}`,
      );
    },
  },
  'sm-compare-and-swap': {
    behaviour: 'A label moves only if RemoveFromVersionId names the version that has it.',
    evidence: documented(`${API}API_UpdateSecretVersionStage.html`),
    ifFalse: 'a value that a person stores at that moment loses AWSCURRENT, and keeps AWSPREVIOUS',
    check: async ({ store }) => {
      const before = await store.describe();
      const to = given(holderOf(before, 'verify-a'), NO_VERSION);
      const from = given(holderOf(before, 'verify-b'), NO_VERSION);
      const outcome = await store.promote({ to, from });
      const stays = holderOf(await store.describe(), AWSCURRENT) === holderOf(before, AWSCURRENT);
      return compare({
        'a move from a version without AWSCURRENT': [outcome, 'moved'],
        'AWSCURRENT stays': stays,
      });
    },
  },
  'sm-previous-follows': {
    behaviour: 'AWSPREVIOUS moves to the version that loses AWSCURRENT.',
    evidence: documented(`${API}API_UpdateSecretVersionStage.html`),
    ifFalse: 'clients miss the former password at late proxies. Sent labels still keep it',
    check: async ({ store }) => {
      const before = await store.describe();
      const from = holderOf(before, AWSCURRENT) ?? '';
      const outcome = await store.promote({ to: holderOf(before, 'verify-a') ?? '', from });
      if (outcome !== 'done') {
        throw new UndecidedError('AWSCURRENT could not be moved.');
      }
      const previous = holderOf(await store.describe(), AWSPREVIOUS);
      return compare({ 'the version that lost AWSCURRENT has AWSPREVIOUS': previous === from });
    },
  },
  'sm-last-changed': {
    behaviour: 'A label that moves sets LastChangedDate.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'after a crash, `RestartEcsService` may take tasks that started during the rotation for new ones',
    check: async ({ store }) => {
      const before = await store.describe();
      const versionId = holderOf(before, AWSCURRENT) ?? '';
      await store.addLabel({ label: 'verify-c', to: versionId });
      const { lastChangedAt = 0 } = await store.describe();
      await store.removeLabel({ label: 'verify-c', from: versionId });
      return compare({ 'a label sets LastChangedDate': lastChangedAt > (before.lastChangedAt ?? 0) });
    },
  },
};
