import type { CredentialKeeper } from './credential-keeper.ts';
import type { CredentialReader } from './credential-reader.ts';

/**
 * Reads AWSCURRENT again and again, so that the client has the latest credential before the next
 * rotation ends an older one.
 */
export function refreshInBackground(
  keeper: CredentialKeeper,
  reader: CredentialReader,
  intervalMs: number,
  closing: AbortSignal,
): void {
  let timer: NodeJS.Timeout | undefined;
  closing.addEventListener('abort', () => clearTimeout(timer), { once: true });

  /** Plans the next read. The timer does not keep the process alive. */
  const plan = async (): Promise<void> => {
    const delayMs = await reader.backgroundDelayMs(intervalMs);
    if (!closing.aborted) {
      timer = setTimeout(() => void refresh(keeper, reader).then(plan), delayMs).unref();
    }
  };
  void plan();
}

async function refresh(keeper: CredentialKeeper, reader: CredentialReader): Promise<void> {
  // During an interruption, the search for the next version reads the secret.
  if (keeper.interruption !== undefined) {
    return;
  }
  const { current } = keeper;
  const found = await reader.read('AWSCURRENT', current);
  // A cancelled rotation leaves a refused version as AWSCURRENT.
  const usable = found !== undefined && found.versionId !== current.versionId && !keeper.hasRefused(found.versionId);
  if (usable && keeper.current === current) {
    keeper.adopt(found, 'AWSCURRENT', 'background');
  }
}
