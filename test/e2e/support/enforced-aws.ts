import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalCloudAccess } from '../../../local/cloud/access.ts';
import { type Deployment, deployStacks } from '../../../local/cloud/cdk.ts';
import { emulatorRequest } from '../../../local/cloud/emulator-control.ts';
import { PROJECT } from '../../../local/project.ts';
import { startEmulator } from '../../../local/servers/emulator.ts';
import { servers } from '../../support/servers.ts';

/** An AWS emulator that enforces IAM, without retries, beside the Milvus servers of the run. */
export interface EnforcedAws {
  readonly access: LocalCloudAccess;
  /** Deploys an app of this folder. @returns the outputs */
  deploy(app: string, context: Readonly<Record<string, string | undefined>>): Promise<Deployment['outputs']>;
  stop(): Promise<void>;
}

export async function startEnforcedAws(): Promise<EnforcedAws> {
  const stateDir = mkdtempSync(join(servers().access.stateDir, 'enforced-'));
  // The policy of the CDK's bucket requires TLS.
  const emulator = await startEmulator({ dataDir: join(stateDir, 'aws'), enforcesIam: true });
  await emulatorRequest({ awsUrl: emulator.url }, 'PUT', 'retries', { retries: 0 });
  const access = { ...servers().access, awsUrl: emulator.url, stateDir };
  return {
    access,
    deploy: async (app, context) => {
      const args = [
        ...['--all', '--app', `node test/e2e/support/${app}`],
        ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
      ];
      return (await deployStacks(access, { app: PROJECT, folder: stateDir, args })).outputs;
    },
    stop: () => emulator.stop(),
  };
}
