import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS, holderOf, MAX_LABELS } from '../../protocol/secret/versions.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { type Check, check, given, holdsIf, type TemporaryRotation, UndecidedError } from './check.ts';
import { until } from './follow.ts';
import { documentOf } from './temporary-credential.ts';

/** As `newPassword` of the function waits for a stored version. */
const VISIBLE_WITHIN_MS = 1500;
const LOOKS_FOR_MS = 10_000;
const PAUSE_MS = 50;
/** More than the versions that Secrets Manager keeps without a label. */
const MANY_VERSIONS = 110;
const LIMIT_EXCEEDED = 'LimitExceededException';
const NO_VERSION = 'An earlier check stored no version.';

/** On the versions of the temporary secret, before any rotation. */
export const SECRET_CHECKS: readonly Check[] = [
  check('sm-write-once', [], async (rotation) => {
    const { store } = rotation;
    const versionId = await storeCredential(rotation, ['verify-a']);
    const value = (await store.read(versionId)) ?? '';
    const again = await store.put({ versionId, value, labels: ['verify-a'] });
    const other = await store.put({ versionId, value: `${value} `, labels: ['verify-a'] });
    const isUnchanged = (await store.read(versionId)) === value;
    return holdsIf(
      again === 'stored' && other === 'conflict' && isUnchanged,
      `the same value again: ${again}; another value: ${other}, and the value ${isUnchanged ? 'stays' : 'changes'}`,
    );
  }),
  check('sm-pending-visible', [], async (rotation) => {
    const { store, clock } = rotation;
    const versionId = await storeCredential(rotation, ['verify-b']);
    const storedAt = clock.now();
    const isReadable = async (): Promise<boolean> => (await store.read(versionId)) !== undefined;
    const isStored = await until(rotation, LOOKS_FOR_MS, isReadable, PAUSE_MS);
    const took = clock.now() - storedAt;
    return holdsIf(
      isStored && took <= VISIBLE_WITHIN_MS,
      `a stored version is ${isStored ? '' : 'not '}readable after ${formatDuration(took)}`,
    );
  }),
  check('sm-compare-and-swap', [], async (rotation) => {
    const { store } = rotation;
    const before = await store.describe();
    const to = given(holderOf(before, 'verify-a'), NO_VERSION);
    const from = given(holderOf(before, 'verify-b'), NO_VERSION);
    const outcome = await store.promote({ to, from });
    const stays = holderOf(await store.describe(), AWSCURRENT) === holderOf(before, AWSCURRENT);
    return holdsIf(
      outcome === 'moved' && stays,
      `a move from a version without AWSCURRENT is ${outcome === 'moved' ? 'refused' : 'done'}`,
    );
  }),
  check('sm-previous-follows', [], async ({ store }) => {
    const before = await store.describe();
    const from = holderOf(before, AWSCURRENT) ?? '';
    const outcome = await store.promote({ to: holderOf(before, 'verify-a') ?? '', from });
    const previous = holderOf(await store.describe(), AWSPREVIOUS);
    if (outcome !== 'done') {
      throw new UndecidedError('AWSCURRENT could not be moved.');
    }
    const where = previous === undefined ? 'gone' : previous === from ? 'on the former version' : 'on another version';
    return holdsIf(previous === from, `after a move of AWSCURRENT, AWSPREVIOUS is ${where}`);
  }),
  check('sm-last-changed', [], async ({ store }) => {
    const before = await store.describe();
    const label = { label: 'verify-c', to: holderOf(before, AWSCURRENT) ?? '' };
    await store.addLabel(label);
    const { lastChangedAt = 0 } = await store.describe();
    await store.removeLabel({ ...label, from: label.to });
    const isLater = lastChangedAt > (before.lastChangedAt ?? 0);
    return holdsIf(isLater, `after a move of a label, LastChangedDate is ${isLater ? 'later' : 'as before'}`);
  }),
];

/** After all rotations, because they leave no room for a version or a label. */
export const LAST_SECRET_CHECKS: readonly Check[] = [
  check('sm-versions-kept', [], async (rotation) => {
    const labelled = await storeCredential(rotation, ['verify-a']);
    // Each of these loses its label to the next one.
    const unlabelled = await storeCredential(rotation, ['verify-b']);
    let newer = 0;
    for (let isFull = false; newer < MANY_VERSIONS && !isFull; newer += isFull ? 0 : 1) {
      const stored = await catchKnown(storeCredential(rotation, ['verify-b']), SecretStoreError);
      if (stored instanceof SecretStoreError && stored.code !== LIMIT_EXCEEDED) {
        throw stored;
      }
      isFull = stored instanceof SecretStoreError;
    }
    const kept = [await rotation.store.read(labelled), await rotation.store.read(unlabelled)];
    const [withLabel, without] = kept.map((value) => (value === undefined ? 'gone' : 'readable'));
    return holdsIf(
      !kept.includes(undefined),
      `after ${newer} newer versions, one with a label is ${withLabel}, and one without is ${without}`,
    );
  }),
  check('sm-labels-limit', [], async ({ store }) => {
    const description = await store.describe();
    const to = holderOf(description, AWSCURRENT) ?? '';
    let count = description.versions.flatMap(({ labels }) => labels).length;
    for (; count <= MAX_LABELS; count += 1) {
      const added = store.addLabel({ label: `verify-${count}`, to });
      const refusal = await catchKnown(added, SecretStoreError);
      if (refusal instanceof SecretStoreError) {
        if (refusal.kind !== 'refused') {
          throw refusal;
        }
        return holdsIf(
          count === MAX_LABELS && refusal.code === LIMIT_EXCEEDED,
          `label ${count + 1} is refused with ${refusal.code}`,
        );
      }
    }
    return holdsIf(false, `${count} labels are accepted`);
  }),
];

/** Stores the present credential as a new version with these labels. @returns its id */
export async function storeCredential(
  { store, stored, randomId }: TemporaryRotation,
  labels: readonly string[],
): Promise<string> {
  const versionId = randomId();
  await store.put({ versionId, value: documentOf(stored), labels });
  return versionId;
}
