import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import type { ReadPorts } from '../../protocol/credential/read-version.ts';
import {
  classifySentLabels,
  planRoom,
  removableLabels,
  reusableLabel,
} from '../../protocol/rotation/sent-label-use.ts';
import type { SecretDescription } from '../../protocol/secret/secret-store.ts';
import {
  AWSPENDING,
  freeLabels,
  LABELS_OF_NEW_PASSWORD,
  MAX_LABELS,
  type SentLabel,
} from '../../protocol/secret/versions.ts';
import { commandForm } from '../credential-forms.ts';
import { type Finding, problem } from './finding.ts';
import type { KnownSecret } from './search-versions.ts';

/** The room for sent labels, as the rotation function judges it. */
export interface LabelRoom {
  /** The sent labels that a rotation or a repair may remove, in this order. */
  readonly removable: readonly SentLabel[];
  /** How many labels are missing for the next rotation, after it has removed what it may remove. */
  readonly missing: number;
  /** The sent labels of replaced API keys that a rotation has yet to delete. */
  readonly notDeleted: readonly SentLabel[];
}

/**
 * @param accepted the stored credentials that the cluster accepts for the user of the next rotation
 *   and for the user in AWSCURRENT
 * @returns `undefined` if AWSCURRENT is not usable
 * @throws SecretStoreError
 */
export async function readLabelRoom(
  { secret, versions, strategy, current }: Pick<KnownSecret, 'secret' | 'versions' | 'strategy' | 'current'>,
  [ofNext, ofCurrent]: ReadonlyArray<AcceptedCredential | undefined>,
  ports: ReadPorts,
): Promise<LabelRoom | undefined> {
  if (current === undefined) {
    return undefined;
  }
  const notDeleted = commandForm(strategy).notDeleted(secret);
  if (notDeleted !== undefined) {
    const missing = Math.max(0, LABELS_OF_NEW_PASSWORD - freeLabels(secret) - notDeleted.length);
    return { removable: [], missing, notDeleted };
  }
  const next = strategy.next(current.credentials, strategy.pins);
  const classify = async (accepted: AcceptedCredential | undefined) =>
    await classifySentLabels(secret, versions, { current, next, accepted }, ports);
  const sent = await classify(ofNext);
  // If there is no room, a rotation logs in with AWSCURRENT too.
  const isOther = ofCurrent !== ofNext && ofCurrent?.stage === 'current';
  const byLogin = isOther ? await classify(ofCurrent) : [];
  const labels = [sent, byLogin].flatMap(removableLabels);
  // Two users may take turns without the knowledge of the command.
  const removable = labels.filter(
    ({ label, use }, index) =>
      (strategy.config !== undefined || use !== 'other host or user') &&
      labels.findIndex((each) => each.label === label) === index,
  );
  const needed = reusableLabel(sent) === undefined ? 1 : 0;
  const missing = Math.max(missingForPending(secret), needed - planRoom(secret, removable, needed).room);
  return { removable, missing, notDeleted: [] };
}

/** RotateSecret adds AWSPENDING before the function can remove a label. */
function missingForPending(secret: SecretDescription): 0 | 1 {
  const labels = secret.versions.flatMap((version) => version.labels);
  return labels.includes(AWSPENDING) || labels.length < MAX_LABELS ? 0 : 1;
}

/** @returns `undefined` if the next rotation has, or makes, room for its sent label */
export function labelsFull(secretName: string, missing: number): Finding | undefined {
  return missing === 0
    ? undefined
    : problem(
        'labels-full',
        'The next rotation has no room for its label. Secrets Manager allows 20 labels a secret. AWSCURRENT, AWSPENDING and AWSPREVIOUS need three of them.',
        howToRemoveLabels(secretName, missing),
      );
}

export function howToRemoveLabels(secretName: string, missing: number): string {
  return `Remove ${missing === 1 ? 'one' : missing} of your own labels with \`aws secretsmanager update-secret-version-stage --secret-id ${secretName} --version-stage LABEL --remove-from-version-id VERSION\`.`;
}
