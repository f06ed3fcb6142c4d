import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IAM } from '@aws-sdk/client-iam';
import { LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { awsOptions } from '../../support/servers.ts';
import { assumeRole, policyOf } from './identities.ts';
import { commandsOf, type Organisation } from './organisation.ts';

/** The role of the pipeline in the central account. */
const PIPELINE_ROLE = 'inventory-pipeline';

const [CREATE_ROLE = '', INVENTORY = ''] = commandsOf('Inventory of all accounts');

/** The codes of findings by account and secret. `failing`: those that the pipeline fails for. */
interface Inventory {
  readonly exitCode: number;
  readonly findings: Readonly<Record<string, readonly string[]>>;
  readonly failing: Readonly<Record<string, readonly string[]>>;
}

/** Creates the role of each account, and the role of the pipeline, which alone may assume these. */
export async function createPipelineRole(organisation: Organisation): Promise<void> {
  await organisation.bash(CREATE_ROLE.replace('PIPELINE-ROLE', PIPELINE_ROLE));
  const iam = new IAM(awsOptions(organisation.aws.access.awsUrl));
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
export async function runInventory(organisation: Organisation, days = 0): Promise<Inventory> {
  const central = awsOptions(organisation.aws.access.awsUrl);
  const { credentials } = await assumeRole(central, `arn:aws:iam::${LOCAL_ACCOUNT}:role/${PIPELINE_ROLE}`);
  const later = `const{now}=Date;Date.now=()=>now()+${days}*864e5`;
  const printed = await organisation.bash(`(\n${INVENTORY}\n) || code=$?\necho "exit \${code:-0}"`, {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    NODE_OPTIONS: `--import=data:text/javascript,${later}`,
  });
  const { secrets } = JSON.parse(readFileSync(join(organisation.folder, 'inventory.json'), 'utf8')) as {
    secrets: readonly { readonly arn: string; readonly findings: readonly { readonly code: string }[] }[];
  };
  const failsFor = /^ *CODES=(.*)$/m.exec(INVENTORY)?.[1]?.split(',') ?? [];
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
