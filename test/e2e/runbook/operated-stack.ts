import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployApp, destroyApp } from '../../../local/cloud/cdk.ts';
import { PROJECT } from '../../../local/project.ts';
import { rotationSettles } from '../../support/deployed-rotation.ts';
import { servers, uniqueStackName } from '../../support/servers.ts';

export type ConfigurationEntry = Readonly<Record<string, string | readonly string[]>>;

/** A rotation stack with the configuration that its operator edits. */
export class OperatedStack {
  readonly name: string = uniqueStackName('Runbook');
  /** The entries of the configuration. */
  readonly entries: ConfigurationEntry[] = [];
  functionArn = '';
  readonly #folder = mkdtempSync(join(servers().access.stateDir, 'runbook-'));

  /** @param command of the CDK */
  async run(command: string): Promise<void> {
    const { access } = servers();
    switch (command) {
      case 'deploy': {
        const { outputs } = await deployApp(access, PROJECT, this.#folder, this.#options());
        this.functionArn = outputs[this.name]?.['RotationFunctionArn'] ?? '';
        const names = this.entries.map(({ name, create }) => String(name ?? create));
        // Secrets Manager tests each new schedule.
        await Promise.all(names.map((name) => rotationSettles(name)));
        return;
      }
      case 'destroy':
        return await destroyApp(access, PROJECT, this.#folder, this.#options());
      default:
        throw new Error(`This test does not know: npx cdk ${command}`);
    }
  }

  #options(): readonly string[] {
    const file = join(this.#folder, 'rotation.yaml');
    const configuration = {
      stackName: this.name,
      function: { allowedEndpoints: ['127.0.0.1', 'localhost'], caFile: servers().access.caFile },
      secrets: this.entries.map((entry) => ({ schedule: 'rate(30 days)', ...entry })),
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(configuration));
    return ['--context', `config=${file}`];
  }
}
