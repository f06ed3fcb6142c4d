import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import type { EndpointOptions } from '../../protocol/credential/stored-credential.ts';
import type { Aws } from '../aws/aws.ts';
import type { CommandPorts } from '../command-ports.ts';
import { createSameUserFinder } from '../examine/find-same-user.ts';
import { printable } from '../terminal/text.ts';
import { refuse } from './explain.ts';

/** A cluster, and its endpoint. */
export interface ClusterAt {
  readonly endpoint: Endpoint;
  readonly cluster: Cluster;
}

/** The role that Milvus gives each user. */
const EVERYBODY = 'public';

/**
 * Asks for the passwords of two throw-away users. Nobody knows the passwords afterwards, so this
 * refuses users that an application may use.
 *
 * @throws FailureError, ClusterUnavailableError
 */
export async function askForUsers(
  usernames: readonly [string, string],
  at: ClusterAt,
  endpoints: EndpointOptions,
  aws: Aws,
  ports: CommandPorts,
): Promise<readonly [Credentials, Credentials]> {
  const credentials = [await askFor(usernames[0], at, ports), await askFor(usernames[1], at, ports)] as const;
  const findSameUser = createSameUserFinder(endpoints, ports.interrupted);
  // A cluster has several addresses, such as that of PrivateLink, so the endpoint does not count.
  const users = { arn: undefined, name: '', rotationFunctionArn: undefined, endpoint: undefined, usernames };
  const { others } = await findSameUser(users, aws);
  return others.length > 0
    ? refuse(
        'user-in-use',
        `A secret holds one of the users: ${others.join(', ')}.`,
        'Name users that no secret holds.',
      )
    : credentials;
}

async function askFor(
  username: string,
  { endpoint, cluster }: ClusterAt,
  { readPassword }: CommandPorts,
): Promise<Credentials> {
  if (isAdmin(username, undefined)) {
    refuse('admin-user', `${username} administers the cluster.`, 'Name another user.');
  }
  const password = (await readPassword(printable(`Password of ${username} at ${endpoint.url}: `))) ?? '';
  const user = { endpoint, username, password };
  const login = password === '' ? undefined : await cluster.authenticates(user);
  if (login?.kind !== 'accepted') {
    return refuse(
      'password-rejected',
      `${endpoint.url} does not accept the given password of ${username}.`,
      'Give both passwords at the prompt, or as lines on standard input.',
    );
  }
  return login.roles.some((role) => role !== EVERYBODY)
    ? refuse('user-in-use', `${username} has a role, so an application may use it.`, 'Name users without a role.')
    : user;
}
