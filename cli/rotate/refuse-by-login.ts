import { ADVICE, adviceOn } from '../../protocol/rotation/failures.ts';
import { isRejected, loginWithCheck } from '../cluster/login-with-check.ts';
import { commandForm } from '../credential-forms.ts';
import { listVersions } from '../examine/search-versions.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import type { Checked } from './check-secret.ts';
import type { RotatePorts } from './rotate-ports.ts';

/**
 * Refuses a rotation if logins with AWSCURRENT prove that it would fail: the only value of the
 * secret is a placeholder, or the minimum gap of two users has not passed.
 *
 * @returns `undefined` if the rotation may succeed, or if the configuration is not known
 */
export async function refuseByLogin(
  { secret, previous: { credentials: current }, strategy, aws }: Checked,
  token: string,
  ports: RotatePorts,
): Promise<CommandRefusal | undefined> {
  const { config } = strategy;
  if (config === undefined) {
    return undefined;
  }
  const { name } = secret;
  const list = async () => await listVersions(secret, aws.store(secret.arn), []);
  // The function of an admin may set a password that replaces the placeholder.
  const mayBePlaceholder =
    secret.lastRotatedAt === undefined && secret.versions.length === 1 && config.adminSecretArn === undefined;
  if (mayBePlaceholder && isOnlyValue(await list()) && (await isRejected(current, ports))) {
    const form = commandForm(current);
    return refused(
      'none-in-force',
      `${form.rejected(form.unnamed)} ${form.likelyCause(true)}`,
      `Nothing was started. ${form.howToStore(name)} ${form.howToReplace(name)}`,
    );
  }
  const refusal = await strategy.refuseStart?.({
    secret,
    token,
    minimumGapMs: config.minimumGapMs,
    now: ports.clock.now(),
    listVersions: async () => (await list()).versions,
    isAccepted: async () => (await loginWithCheck(current, ports)).kind === 'accepted',
  });
  return refusal !== undefined
    ? refused(
        'ROTATED_TOO_RECENTLY',
        `${refusal.reason} The next rotation is possible from ${new Date(refusal.possibleFrom).toISOString()}.`,
        adviceOn(name, ADVICE.ROTATED_TOO_RECENTLY),
      )
    : undefined;
}

/** The function would try every version, also one without a label. */
function isOnlyValue({ versions, allListed }: Awaited<ReturnType<typeof listVersions>>): boolean {
  return allListed && versions.length === 1;
}
