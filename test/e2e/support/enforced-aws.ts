import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalCloudAccess } from '../../../local/cloud/access.ts';
import { startEmulator } from '../../../local/servers/emulator.ts';
import { servers } from '../../support/servers.ts';

/** An AWS emulator that enforces IAM, without retries, beside the Milvus servers of the run. */
export interface EnforcedAws {
  readonly access: LocalCloudAccess;
  stop(): Promise<void>;
}

export async function startEnforcedAws(): Promise<EnforcedAws> {
  const stateDir = mkdtempSync(join(servers().access.stateDir, 'enforced-'));
  // The policy of the CDK's bucket requires TLS.
  const options = { retries: 0, enforcesIam: true };
  const emulator = await startEmulator({ ...options, dataDir: join(stateDir, 'aws') });
  return { access: { ...servers().access, awsUrl: emulator.url, stateDir }, stop: () => emulator.stop() };
}
