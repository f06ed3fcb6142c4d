// Follows docs/organisation.md in bash, with the AWS CLI and an AWS that enforces IAM.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { IAM } from '@aws-sdk/client-iam';
import { strFromU8, unzipSync } from 'fflate';
import { expect } from 'vitest';
import { reproducibleZip } from '../../../build/release/function-archive.ts';
import { type AwsOptions, awsEnvironment, LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { COMPILE_CACHE, NODE_BIN, PROJECT, TESTS_BIN } from '../../../local/project.ts';
import { awsOptions } from '../../support/servers.ts';
import { blocksOf } from '../runbook/page.ts';
import { type EnforcedAws, startEnforcedAws } from './enforced-aws.ts';
import { assumeRole, policyOf } from './identities.ts';
import { MemberAccount } from './member-account.ts';
import { copyRelease } from './release-files.ts';

const run = promisify(execFile);

/** The blocks of commands below a heading of the page. */
export function commandsOf(heading: string): readonly string[] {
  return blocksOf(heading, 'sh', 'organisation.md');
}

/** The role of the pipeline in the central account. */
const PIPELINE_ROLE = 'inventory-pipeline';

/** The codes of findings by account and secret. `failing`: those that the pipeline fails for. */
interface Inventory {
  readonly exitCode: number;
  readonly findings: Readonly<Record<string, readonly string[]>>;
  readonly failing: Readonly<Record<string, readonly string[]>>;
}

/** The central account, the organizational unit of the page, and the folder of the reader. */
export class Organisation {
  readonly aws: EnforcedAws;
  readonly folder: string;
  readonly central: AwsOptions;
  #root = '';
  #unit = '';

  private constructor(aws: EnforcedAws) {
    this.aws = aws;
    this.central = awsOptions(aws.access.awsUrl);
    this.folder = mkdtempSync(join(aws.access.stateDir, 'organisation-'));
  }

  static async start(): Promise<Organisation> {
    const organisation = new Organisation(await startEnforcedAws());
    await organisation.#prepare();
    return organisation;
  }

  async #prepare(): Promise<void> {
    await copyRelease(join(this.folder, 'release'));
    symlinkSync(join(PROJECT, 'examples'), join(this.folder, 'examples'));
    // Runs the command of this clone.
    const npx = `#!/bin/sh\nshift\nexec node '${join(PROJECT, 'cli', 'main.ts')}' "$@"\n`;
    writeFileSync(join(this.folder, 'npx'), npx, { mode: 0o755 });
    writeFileSync(join(this.folder, 'variables'), '');
    const { Roots } = (await this.#organizations('ListRoots')) as { Roots: { Id: string }[] };
    this.#root = Roots[0]?.Id ?? '';
    const unit = await this.#organizations('CreateOrganizationalUnit', { ParentId: this.#root, Name: 'clusters' });
    this.#unit = (unit as { OrganizationalUnit: { Id: string } }).OrganizationalUnit.Id;
    await this.follow('Before you start', { 'ou-abcd-12345678': this.#unit });
  }

  /** Creates an account, and moves it into the organizational unit. */
  async join(AccountName: string): Promise<MemberAccount> {
    const created = await this.#organizations('CreateAccount', { AccountName, Email: `${AccountName}@example.com` });
    const { AccountId } = (created as { CreateAccountStatus: { AccountId: string } }).CreateAccountStatus;
    const move = { AccountId, SourceParentId: this.#root, DestinationParentId: this.#unit };
    await this.#organizations('MoveAccount', move);
    return new MemberAccount(this.aws.access.awsUrl, AccountId);
  }

  /** Calls AWS Organizations, for which this project has no SDK. */
  async #organizations(action: string, input: object = {}): Promise<unknown> {
    const headers = {
      Authorization: `AWS4-HMAC-SHA256 Credential=${LOCAL_ACCOUNT}/20260101/us-east-1/organizations/aws4_request`,
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `AWSOrganizationsV20161128.${action}`,
    };
    const answer = await fetch(this.aws.access.awsUrl, { method: 'POST', headers, body: JSON.stringify(input) });
    expect(answer.status, action).toBe(200);
    return await answer.json();
  }

  /** Runs commands in bash, with the variables of the page. @returns what they print */
  async bash(script: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { stdout } = await run('bash', ['--norc', '-euc', `. ./variables\n${script}`], {
      cwd: this.folder,
      env: {
        ...awsEnvironment(this.aws.access),
        AWS_ACCESS_KEY_ID: LOCAL_ACCOUNT,
        ALLOWED_ENDPOINTS: '127.0.0.1',
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        PATH: [this.folder, TESTS_BIN, NODE_BIN, process.env['PATH']].join(delimiter),
        ...env,
      },
    });
    return stdout.trim();
  }

  /**
   * Runs the blocks of a section, and keeps the variables and the function of the page. A reader
   * makes the replacements.
   */
  async follow(heading: string, replacements: Readonly<Record<string, string>> = {}): Promise<void> {
    const variables = 'declare -p OU AWS_REGION ORGANIZATION BUCKET TOPIC SINK';
    const keep = `{ ${variables}; declare -f output; } >variables 2>/dev/null || true`;
    for (const block of commandsOf(heading)) {
      const script = Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), block);
      await this.bash(`${script}\n${keep}`);
    }
  }

  /** Waits until the StackSet has a stack with this status in each account. */
  async untilStacks(StackSetName: string, members: readonly MemberAccount[], status = 'SUCCEEDED'): Promise<void> {
    const cloudFormation = new CloudFormation(this.central);
    const statuses = async (): Promise<string[]> => {
      const { Summaries = [] } = await cloudFormation.listStackInstances({ StackSetName });
      return Summaries.map((each) => `${each.Account} ${each.StackInstanceStatus?.DetailedStatus}`).toSorted();
    };
    const expected = members.map(({ account }) => `${account} ${status}`).toSorted();
    await expect.poll(statuses, { timeout: 60_000 }).toEqual(expected);
  }

  /** Replaces the release by one whose rotation function has other code. */
  writeNextRelease(): { readonly version: string; readonly sha256: string } {
    const release = join(this.folder, 'release');
    const former = readdirSync(release).find((file) => file.startsWith('rotation-function-')) ?? '';
    const [, hash = ''] = /-([0-9a-f]{12})\.zip$/.exec(former) ?? [];
    const files = unzipSync(readFileSync(join(release, former)));
    const texts = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
    const zip = reproducibleZip({ ...texts, 'index.js': `${texts['index.js']}\n// The next version.` });
    const sha = createHash('sha256').update(zip);
    const version = sha.copy().digest('hex').slice(0, 12);
    writeFileSync(join(release, former.replace(hash, version)), zip);
    const template = join(release, 'template.yaml');
    writeFileSync(template, readFileSync(template, 'utf8').replaceAll(hash, version));
    return { version, sha256: sha.digest('base64') };
  }

  /**
   * Creates the role of each account, and the role of the pipeline, which alone may assume these.
   */
  async createPipelineRole(): Promise<void> {
    const [createRole = ''] = commandsOf('Inventory of all accounts');
    await this.bash(createRole.replace('PIPELINE-ROLE', PIPELINE_ROLE));
    const iam = new IAM(this.central);
    const trust = { Effect: 'Allow', Principal: { AWS: LOCAL_ACCOUNT }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    await iam.createRole({ RoleName: PIPELINE_ROLE, AssumeRolePolicyDocument });
    const PolicyDocument = policyOf([
      { Action: 'cloudformation:ListStackInstances' },
      { Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::*:role/zilliz-rotation-inventory' },
    ]);
    await iam.putRolePolicy({ RoleName: PIPELINE_ROLE, PolicyName: 'inventory', PolicyDocument });
  }

  /**
   * Runs the inventory as the role of the pipeline.
   *
   * @param days by which the clock of the command is ahead
   */
  async runInventory(days = 0): Promise<Inventory> {
    const [, inventory = ''] = commandsOf('Inventory of all accounts');
    const { credentials } = await assumeRole(this.central, `arn:aws:iam::${LOCAL_ACCOUNT}:role/${PIPELINE_ROLE}`);
    const later = `const{now}=Date;Date.now=()=>now()+${days}*864e5`;
    const printed = await this.bash(`(\n${inventory}\n) || code=$?\necho "exit \${code:-0}"`, {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      NODE_OPTIONS: `--import=data:text/javascript,${later}`,
    });
    const { secrets } = JSON.parse(readFileSync(join(this.folder, 'inventory.json'), 'utf8')) as {
      secrets: readonly { readonly arn: string; readonly findings: readonly { readonly code: string }[] }[];
    };
    const failsFor = /^ *CODES=(.*)$/m.exec(inventory)?.[1]?.split(',') ?? [];
    const codesIf = (isWanted: (code: string) => boolean): Inventory['findings'] =>
      Object.fromEntries(
        secrets.map(({ arn, findings }) => {
          const [, , , , account, , name = ''] = arn.split(':');
          const codes = findings.map(({ code }) => code).filter(isWanted);
          return [`${account} ${name.replace(/-\w{6}$/, '')}`, codes.toSorted()];
        }),
      );
    return {
      exitCode: Number(/exit (\d+)/.exec(printed)?.[1]),
      findings: codesIf(() => true),
      failing: codesIf((code) => failsFor.includes(code)),
    };
  }
}
