// Follows docs/organisation.md in bash, with the AWS CLI and an AWS that enforces IAM.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { strFromU8, unzipSync } from 'fflate';
import { expect } from 'vitest';
import { reproducibleZip } from '../../../build/release/function-archive.ts';

import { awsEnvironment, LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { COMPILE_CACHE, NODE_BIN, PROJECT, TESTS_BIN } from '../../../local/project.ts';
import { awsOptions } from '../../support/servers.ts';
import { blocksOf } from '../runbook/page.ts';
import { type EnforcedAws, startEnforcedAws } from './enforced-aws.ts';
import { OrganisationMember } from './organisation-member.ts';
import { copyRelease } from './release-files.ts';

const run = promisify(execFile);

/** The blocks of commands below a heading of the page. */
export function commandsOf(heading: string): readonly string[] {
  return blocksOf(heading, 'sh', 'organisation.md');
}

/** The central account, the organizational unit of the page, and the folder of the reader. */
export class Organisation {
  readonly aws: EnforcedAws;
  readonly folder: string;
  #root = '';
  #unit = '';

  private constructor(aws: EnforcedAws) {
    this.aws = aws;
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
  async join(AccountName: string): Promise<OrganisationMember> {
    const created = await this.#organizations('CreateAccount', { AccountName, Email: `${AccountName}@example.com` });
    const { AccountId } = (created as { CreateAccountStatus: { AccountId: string } }).CreateAccountStatus;
    const move = { AccountId, SourceParentId: this.#root, DestinationParentId: this.#unit };
    await this.#organizations('MoveAccount', move);
    return new OrganisationMember(this.aws.access.awsUrl, AccountId);
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
  async untilStacks(StackSetName: string, members: readonly OrganisationMember[], status = 'SUCCEEDED'): Promise<void> {
    const cloudFormation = new CloudFormation(awsOptions(this.aws.access.awsUrl));
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
}
