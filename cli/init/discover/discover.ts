import type { CommandPorts } from '../../command-ports.ts';
import { createSameUserFinder } from '../../examine/same-user/find-same-user.ts';
import { ExitCode } from '../../outcome/exit-code.ts';
import { endpointOptions } from '../../terminal/read-options.ts';
import { runTask } from '../../terminal/run-task.ts';
import { showWhile } from '../../terminal/show-while.ts';
import { jsonText, paragraph } from '../../terminal/text.ts';
import { writeText } from '../../terminal/write-text.ts';
import type { InitOptions } from '../init-definition.ts';
import { type Discovery, toDiscovery } from './discovery.ts';
import { findUnrotated } from './find-unrotated.ts';

/**
 * Lists the secrets that look like credentials of a cluster and that no function rotates. Each has
 * the names of other secrets with the same user. Changes nothing, and sends nothing to a cluster.
 */
export async function discover(options: InitOptions, ports: CommandPorts): Promise<ExitCode> {
  const aws = ports.connectAws({ region: options.region, profile: options.profile });
  const endpoints = endpointOptions(options);
  const findSameUser = createSameUserFinder({ endpoints, interrupted: ports.interrupted });
  const run = async (showProgress: (line: string) => void) => {
    let line = 'listing the secrets';
    const find = async () => {
      const unrotated = await findUnrotated(options.prefix ?? '', { aws, endpoints }, (read, all) => {
        line = `${read} of ${all} secrets read`;
      });
      return await toDiscovery(unrotated, async (users) => await findSameUser(users, aws));
    };
    const value = await showWhile(find, () => showProgress(line), options, ports);
    return { value, succeeded: true, summary: `${value.searched} secrets read` };
  };
  const title = 'searching for credentials without rotation';
  const found = await runTask({ title, latestLineOnly: true, run }, options, ports);
  if (options.json) {
    const document = { command: 'init', exitCode: ExitCode.ok, ...discoveryJson(found) };
    ports.out.write(jsonText(document));
  } else {
    writeText(ports.out, discoveryText(found));
  }
  return ExitCode.ok;
}

function commandFor(secret: string): string {
  return `zilliz-rotation init ${secret}`;
}

function discoveryJson({ credentials, ...found }: Discovery): Record<string, unknown> {
  return {
    ...found,
    credentials: credentials.map(({ clash, ...credential }) => ({
      ...credential,
      command: clash === undefined ? commandFor(credential.secret) : null,
    })),
  };
}

function discoveryText({ credentials, incomplete, searched, denied, notes }: Discovery): string {
  const title = `${credentials.length} of ${searched} secrets without rotation hold the credential of a cluster`;
  return paragraph(title, [
    ...credentials.flatMap(({ secret, username, endpoint, clash }) => {
      const next =
        clash === undefined
          ? `Take it into rotation with \`${commandFor(secret)}\`.`
          : `${clash.message} ${clash.advice}`;
      return [['secret', `${secret}  ${username} at ${endpoint}`] as const, ['', next] as const];
    }),
    ...incomplete.map(({ secret, reason }) => ['undecided', `${secret}  ${reason}`] as const),
    ...(denied.length === 0 ? [] : [['note', `AWS denies access to the values of ${denied.join(', ')}.`] as const]),
    ...notes.map((note) => ['note', note] as const),
  ]);
}
