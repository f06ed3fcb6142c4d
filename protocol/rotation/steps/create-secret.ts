import { howToDeclareCopies } from '../../secret/copies.ts';
import { MAX_VALUE_BYTES } from '../../secret/document.ts';
import { AWSPENDING, hasRoomForNewPassword, hasSentLabel, sentLabel } from '../../secret/versions.ts';
import { canLogIn, requireAuthorization } from '../can-log-in.ts';
import { RotationError } from '../errors.ts';
import { removePendingIfEdited, requireNewPassword } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { readPending } from '../read-versions.ts';
import { type Attempt, changesUser } from '../strategies/strategy.ts';

/**
 * Stores a new password as AWSPENDING. Keeps a pending value that exists, because an earlier
 * attempt may have sent it. ASSUMPTION sm-retries
 *
 * The same call adds the sent label. So the version cannot be deleted from the moment at which its
 * password can reach the cluster, whatever happens to AWSPENDING. If there is no room for another
 * sent label, the version reuses a password that was stored before, and takes its label over.
 */
export async function createSecret(ports: RotationPorts, attempt: Attempt): Promise<StepOutcome> {
  const { description, current, token, strategy } = attempt;
  const hasRoom = hasRoomForNewPassword(description);
  // Secrets Manager refuses to replace a value, so a version without a sent label need not be read
  // first. But if there is no room, labels could be removed for a version that needs none.
  if ((hasSentLabel(description, token) || !hasRoom) && (await checkPending(ports, attempt))) {
    return 'already-created';
  }
  requireDeclaredCopies(attempt);
  await requireStart(ports, attempt);
  const { username, password, reused, discard } = await strategy.choose(ports, attempt);
  const value = current.withCredential({ username, password });
  await requireStorable(value, attempt, discard);
  const stored = await ports.store.put({
    versionId: token,
    value,
    labels: [AWSPENDING, reused?.label ?? sentLabel(token)],
  });
  // A person stored a value, or another invocation of this step was faster. That value stays.
  if (stored === 'conflict') {
    await discard?.();
    await checkPending(ports, attempt);
    return 'already-created';
  }
  if (reused === undefined) {
    return 'created';
  }
  ports.report({ event: 'label-retired', versionId: reused.versionId });
  return 'carried-on';
}

/**
 * Refuses a rotation that its strategy does not let start. Removes AWSPENDING from the empty
 * version. Otherwise Secrets Manager would refuse every new rotation, also one after a leak.
 *
 * @throws RotationError ROTATED_TOO_RECENTLY after AWSPENDING was removed. The error of the logins,
 * if these prove nothing about the credential in AWSCURRENT: AWSPENDING stays.
 */
async function requireStart(ports: RotationPorts, { description, current, token, strategy }: Attempt): Promise<void> {
  const refusal = await strategy.refuseStart?.({
    secret: description,
    token,
    minimumGapMs: ports.config.minimumGapMs,
    now: ports.clock.date(),
    listVersions: () => ports.store.list(),
    isAccepted: async () => {
      const isAccepted = await canLogIn(ports, current.credentials, 'twice');
      if (isAccepted) {
        await requireAuthorization(ports, current.credentials);
      }
      return isAccepted;
    },
  });
  if (refusal === undefined) {
    return;
  }
  await ports.store.removeLabel({ label: AWSPENDING, from: token });
  const from = new Date(refusal.possibleFrom).toISOString();
  throw new RotationError(
    'ROTATED_TOO_RECENTLY',
    `${refusal.reason} The next rotation is possible from ${from}, so AWSPENDING was removed from ${token}.`,
    'current',
  );
}

/**
 * Whether the pending version holds a value. Removes AWSPENDING from it if AWSCURRENT was edited
 * meanwhile.
 *
 * @throws RotationError if the value must not be set. See {@link removePendingIfEdited}.
 */
async function checkPending(ports: RotationPorts, attempt: Attempt): Promise<boolean> {
  const pending = await readPending(ports, attempt);
  if (pending === undefined) {
    return false;
  }
  await removePendingIfEdited(ports, pending);
  requireNewPassword(pending);
  return true;
}

/** A place that keeps the old credential could lock out the application that reads it. */
function requireDeclaredCopies({ description, current, pins, strategy }: Attempt): void {
  const { versionId, credentials, staleCopies } = current;
  const places = staleCopies({ changesUser: changesUser(strategy, pins, credentials) });
  if (places.length > 0) {
    throw new RotationError(
      'CURRENT_INVALID',
      `The AWSCURRENT version ${versionId} repeats the credential in ${places.map((path) => `"${path}"`).join(', ')}. ${howToDeclareCopies(description, places)}`,
    );
  }
}

async function requireStorable(
  value: string,
  { description: { name } }: Attempt,
  discard: (() => Promise<void>) | undefined,
): Promise<void> {
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_VALUE_BYTES) {
    await discard?.();
    throw new RotationError(
      'CURRENT_INVALID',
      `The next value of ${name} would have ${bytes} bytes, and Secrets Manager allows ${MAX_VALUE_BYTES}. Move some of its keys to another secret.`,
      'current',
    );
  }
}
