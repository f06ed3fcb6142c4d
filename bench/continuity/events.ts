import { setTimeout as wait } from 'node:timers/promises';
import { takesTurns } from '../../local/cloud/takes-turns.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import type { ContinuitySecret } from './secret.ts';

/** A rotation, or a fault around a rotation. */
export interface ContinuityEvent {
  readonly name: string;
  readonly run: (secret: ContinuitySecret) => Promise<unknown>;
}

export const ROTATION: ContinuityEvent = { name: 'rotation', run: (secret) => secret.rotate() };

export const IN_USE_CHANGED = 'password in use changed by hand, then `repair`';
export const RETRIED = 'failed and retried rotation';
export const LEAKED = 'both users rotated after a leak';

/** How long an outage or a half-finished rotation lasts. */
const OUTAGE_MS = 2000;

/**
 * A fault that needs two users applies only if the credential in AWSCURRENT stays accepted. A fault
 * that needs a password does not apply to an API key, which nobody can change.
 */
const FAULTS: ReadonlyArray<ContinuityEvent & { readonly needsTwoUsers?: true; readonly needsPassword?: true }> = [
  {
    name: 'Secrets Manager down during the interruption',
    run: async (secret) => {
      // Applications read by label. The function reads by version id, so its rotation continues.
      const faults = await Promise.all(
        ['AWSCURRENT', 'AWSPENDING'].map((VersionStage) =>
          secret.arm({ action: 'GetSecretValue', kind: 'fail-before', match: { VersionStage }, times: 1e6 }),
        ),
      );
      await holdAfterChange(secret);
      await wait(OUTAGE_MS);
      // With two users, no call is refused. So only the client that reads in intervals reads.
      await until('a read by label fails', async () =>
        (await Promise.all(faults.map((fault) => fault.occurred()))).includes(true),
      );
      await Promise.all(faults.map((fault) => fault.disarm()));
      await secret.release();
      await secret.rotated();
    },
  },
  {
    name: RETRIED,
    run: async (secret) => {
      await secret.setRetries(1);
      const fault = await secret.arm({
        action: 'UpdateSecretVersionStage',
        kind: 'deny',
        match: { VersionStage: 'AWSCURRENT' },
      });
      await secret.rotate();
      if (!(await fault.disarm())) {
        throw new Error(`The first attempt to rotate ${secret.name} did not fail.`);
      }
    },
  },
  {
    name: 'password of the other user changed by hand, then `repair`',
    needsTwoUsers: true,
    run: async (secret) => {
      // After a completed rotation, AWSPREVIOUS holds the other user.
      await secret.changeByHand('AWSPREVIOUS');
      await secret.operatorCommand('repair');
    },
  },
  {
    name: 'cancelled rotation, then `repair` and a rotation',
    needsPassword: true,
    run: async (secret) => {
      await holdAfterChange(secret);
      await secret.cancelRotation();
      await secret.release();
      await wait(OUTAGE_MS);
      await secret.operatorCommand('repair');
      // A cancelled rotation turns the schedule off, and this one turns it on again.
      await secret.rotate();
    },
  },
  {
    name: IN_USE_CHANGED,
    needsPassword: true,
    run: async (secret) => {
      await secret.changeByHand('AWSCURRENT');
      await secret.operatorCommand('repair');
    },
  },
  {
    name: LEAKED,
    needsTwoUsers: true,
    run: (secret) => secret.operatorCommand('rotate', '--both-users'),
  },
];

export const FAULT_NAMES: readonly string[] = FAULTS.map(({ name }) => name);

/**
 * The named faults that apply to the strategy. After them, a rotation shows that the secret still
 * rotates.
 */
export function faultsOf(strategy: StrategyName, names: readonly string[]): ContinuityEvent[] {
  const faults = FAULTS.filter(
    ({ name, needsTwoUsers, needsPassword }) =>
      (takesTurns(strategy) || !needsTwoUsers) &&
      (!STRATEGIES[strategy].needsManager || !needsPassword) &&
      names.includes(name),
  );
  return [...faults, { ...ROTATION, name: 'rotation after the faults' }];
}

/** Starts a rotation that stops after the change of the password. */
async function holdAfterChange(secret: ContinuitySecret): Promise<void> {
  await secret.holdBefore('testSecret');
  await secret.startRotation();
  if ((await secret.until('held')).state !== 'held') {
    throw new Error(`The rotation of ${secret.name} ended before it changed the password.`);
  }
}

const POLL_MS = 20;
const LIMIT_MS = 60_000;

/** Waits for a condition. @throws Error if it does not hold within a minute. */
export async function until(condition: string, holds: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > limit) {
      throw new Error(`This did not happen within ${LIMIT_MS / 1000} s: ${condition}.`);
    }
    await wait(POLL_MS);
  }
}
