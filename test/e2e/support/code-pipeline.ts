// Runs a deployed pipeline as CodePipeline and CodeBuild do. The emulator has neither.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Capability,
  CloudFormation,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { S3 } from '@aws-sdk/client-s3';
import { type AwsOptions, awsOptions, type LocalCloudAccess } from '../../../local/cloud/access.ts';
import { cdkVariables } from '../../../local/cloud/cdk.ts';
import { NODE_BIN } from '../../../local/project.ts';
import { type Action, type DeployedPipeline, deployedPipeline } from './deployed-pipeline.ts';
import { assumeRole } from './identities.ts';

const execute = promisify(execFile);

/** Programs that the builds install from npm. Tests have no network. */
const PROGRAMS = {
  // The packages are those of this clone.
  npm: 'exit 0',
  // All programs are installed.
  npx: 'exec "$@"',
  // Version 4.7.3 reads manifests of version 54, and aws-cdk-lib 2.276.0 writes 55.
  'cdk-assets': `sed -i 's/"version": "55.0.0"/"version": "54.0.0"/' "$2"\nexec '${NODE_BIN}/cdk-assets' "$@"`,
};

interface BuildSpec {
  readonly phases: {
    readonly install?: { readonly commands?: string[]; readonly 'runtime-versions'?: { readonly nodejs: number } };
    readonly build: { readonly commands: string[] };
  };
  readonly artifacts?: { readonly 'base-directory': string };
}

interface Run extends DeployedPipeline {
  readonly access: LocalCloudAccess;
  readonly repository: string;
  /** Holds what the actions write. */
  readonly folder: string;
}

/**
 * Runs the pipeline of the stack `Pipeline` after a push. If it changes itself, it starts again.
 *
 * @param repository The folder of the app.
 * @param from The stage at which a failed run is retried. @default a new run
 * @throws Error that names the action that failed. No later action runs.
 */
export async function runPipeline(access: LocalCloudAccess, repository: string, from = 'Source'): Promise<void> {
  const folder = mkdtempSync(join(access.stateDir, 'pipeline-'));
  for (const [name, script] of Object.entries(PROGRAMS)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const deployed = await deployedPipeline(awsOptions(access), 'Pipeline');
  const run: Run = { ...deployed, access, repository, folder };
  const { Stages } = run.pipeline;
  for (const stage of Stages.slice(Stages.findIndex(({ Name }) => Name === from))) {
    for (const order of new Set(stage.Actions.map(({ RunOrder }) => RunOrder).toSorted())) {
      const actions = stage.Actions.filter(({ RunOrder }) => RunOrder === order);
      await Promise.all(actions.map((action) => runAction(run, stage.Name, action)));
    }
    const { pipeline } = await deployedPipeline(awsOptions(access), 'Pipeline');
    if (JSON.stringify(pipeline) !== JSON.stringify(run.pipeline)) {
      await runPipeline(access, repository);
      return;
    }
  }
}

async function runAction(run: Run, stage: string, action: Action): Promise<void> {
  try {
    const role = await assumeRole(await asService(run, run.pipeline.RoleArn), action.RoleArn);
    const { Provider } = action.ActionTypeId;
    if (Provider === 'CodeBuild') await build(run, action);
    else if (Provider === 'CloudFormation') await deploy(run, action, role);
    else await upload(run, action, role, run.repository);
  } catch (cause) {
    throw new Error(`${stage}/${action.Name} failed: ${String(cause)}`, { cause });
  }
}

async function build(run: Run, action: Action): Promise<void> {
  const { ServiceRole = '', Source } = run.projects[action.Configuration['ProjectName'] ?? ''] ?? {};
  const { phases, artifacts } = JSON.parse(Source?.BuildSpec ?? '') as BuildSpec;
  if (phases.install?.['runtime-versions']?.nodejs !== 24) {
    throw new Error("CodeBuild's image runs Node 18, because the build names no version.");
  }
  const role = await asService(run, ServiceRole);
  const folder = await download(run, action, role);
  const variables = cdkVariables(run.access);
  const env = {
    ...variables,
    PATH: [run.folder, variables['PATH']].join(delimiter),
    AWS_ACCESS_KEY_ID: role.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: role.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: role.credentials.sessionToken,
  };
  const commands = [...(phases.install?.commands ?? []), ...phases.build.commands];
  await execute('bash', ['--norc', '-ec', commands.join('\n')], { cwd: folder, env, maxBuffer: 2 ** 28 });
  await upload(run, action, role, join(folder, artifacts?.['base-directory'] ?? '.'));
}

async function deploy(run: Run, action: Action, role: AwsOptions): Promise<void> {
  const client = new CloudFormation(role);
  const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  const { ActionMode, StackName, ChangeSetName, RoleArn, TemplatePath = '', Capabilities = '' } = action.Configuration;
  const names = { StackName, ChangeSetName };
  if (ActionMode === 'CHANGE_SET_EXECUTE') {
    await client.executeChangeSet(names);
    await waitUntilStackCreateComplete(waiting, { StackName });
    return;
  }
  const template = join(await download(run, action, role), TemplatePath.split('::')[1] ?? '');
  await client.createChangeSet({
    ...names,
    ChangeSetType: 'CREATE',
    TemplateBody: readFileSync(template, 'utf8'),
    Capabilities: Capabilities.split(',') as Capability[],
    RoleARN: RoleArn,
  });
  await waitUntilChangeSetCreateComplete(waiting, names);
}

async function upload(run: Run, { OutputArtifacts = [] }: Action, role: AwsOptions, folder: string): Promise<void> {
  for (const { Name: Key } of OutputArtifacts) {
    const { stdout: Body } = await execute('tar', ['-cz', '-C', folder, '.'], {
      encoding: 'buffer',
      maxBuffer: 2 ** 28,
    });
    await s3(role).putObject({ Bucket: run.pipeline.ArtifactStore.Location, Key, Body });
  }
}

/** @returns the folder of the input artifact */
async function download(run: Run, { InputArtifacts = [] }: Action, role: AwsOptions): Promise<string> {
  const Key = InputArtifacts[0]?.Name ?? '';
  const { Body } = await s3(role).getObject({ Bucket: run.pipeline.ArtifactStore.Location, Key });
  const folder = mkdtempSync(join(run.folder, `${Key}-`));
  writeFileSync(`${folder}.tgz`, (await Body?.transformToByteArray()) ?? '');
  await execute('tar', ['-xzf', `${folder}.tgz`, '-C', folder]);
  return folder;
}

function s3(role: AwsOptions): S3 {
  return new S3({ ...role, forcePathStyle: true });
}

/** Assumes a role as the service that it trusts, for which the emulator takes the root user. */
function asService({ access }: Run, role: string): Promise<AwsOptions> {
  return assumeRole(awsOptions(access), role);
}
