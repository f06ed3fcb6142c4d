import type { CommandPorts } from '../../command-ports.ts';
import { ExitCode } from '../../exit-code.ts';
import { endpointOptions, taskListOptions } from '../../terminal/read-options.ts';
import { showWhile } from '../../terminal/show-while.ts';
import { runTaskList } from '../../terminal/task-list.ts';
import { jsonText, paragraph } from '../../terminal/text.ts';
import { writeText } from '../../terminal/write-text.ts';
import type { InitOptions } from '../init-definition.ts';
import { findUnrotated, type UnrotatedSecret } from './find-unrotated.ts';

/** What `init --discover` found. Only hosts and usernames of the values are printed. */
interface Discovery {
  readonly credentials: readonly {
    readonly secret: string;
    readonly endpoint: string;
    readonly username: string;
    readonly command: string;
  }[];
  /** Secrets that look like a credential of a cluster, with what is missing. */
  readonly incomplete: readonly { readonly secret: string; readonly reason: string }[];
  readonly searched: number;
  /** Names of the secrets whose values AWS does not let the caller read. */
  readonly denied: readonly string[];
}

/**
 * Lists the secrets that look like credentials of a cluster and that no function rotates. Changes
 * nothing, and sends nothing to a cluster.
 */
export async function discover(options: InitOptions, ports: CommandPorts): Promise<ExitCode> {
  const aws = ports.connectAws({ region: options.region, profile: options.profile });
  const search = {
    title: 'searching for credentials without rotation',
    latestLineOnly: true,
    run: async (showProgress: (line: string) => void) => {
      let line = 'listing the secrets';
      const find = async () =>
        await findUnrotated(options.prefix ?? '', { aws, endpoints: endpointOptions(options) }, (read, all) => {
          line = `${read} of ${all} secrets read`;
        });
      const value = await showWhile(find, () => showProgress(line), options, ports);
      return { value, succeeded: true, summary: `${value.length} secrets read` };
    },
  };
  const [unrotated = []] = await runTaskList([search], taskListOptions({ ...options, concurrency: 1 }, ports));
  const found = toDiscovery(unrotated);
  if (options.json) {
    const document = { command: 'init', exitCode: ExitCode.ok, ...found };
    ports.out.write(jsonText(document));
  } else {
    writeText(ports.out, discoveryText(found));
  }
  return ExitCode.ok;
}

function toDiscovery(unrotated: readonly UnrotatedSecret[]): Discovery {
  const credentials = [];
  const incomplete = [];
  for (const { secret, current } of unrotated) {
    if (current?.kind === 'usable') {
      const { endpoint, username } = current.credentials;
      const command = `zilliz-rotation init ${secret.name}`;
      credentials.push({ secret: secret.name, endpoint: endpoint.url, username, command });
    } else if (current?.reason === 'endpoint') {
      incomplete.push({ secret: secret.name, reason: current.problem });
    }
  }
  const denied = unrotated.filter(({ current }) => current === undefined).map(({ secret }) => secret.name);
  return { credentials, incomplete, searched: unrotated.length, denied };
}

function discoveryText({ credentials, incomplete, searched, denied }: Discovery): string {
  const title = `${credentials.length} of ${searched} secrets without rotation hold the credential of a cluster`;
  return paragraph(title, [
    ...credentials.flatMap(
      ({ secret, username, endpoint, command }) =>
        [
          ['secret', `${secret}  ${username} at ${endpoint}`],
          ['', `Take it into rotation with \`${command}\`.`],
        ] as const,
    ),
    ...incomplete.map(({ secret, reason }) => ['undecided', `${secret}  ${reason}`] as const),
    ...(denied.length === 0 ? [] : [['note', `AWS denies access to the values of ${denied.join(', ')}.`] as const]),
  ]);
}
