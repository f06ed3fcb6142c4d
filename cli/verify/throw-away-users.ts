import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { refuse } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';
import type { Setup, TemporaryCredential } from './run.ts';
import { tagsOf } from './temporary.ts';

/** The role that Milvus gives each user. */
const EVERYBODY = 'public';

/**
 * Asks for the passwords of two throw-away users. Nobody knows the passwords afterwards, so this
 * refuses users that an application may use.
 *
 * @throws FailureError, ClusterUnavailableError
 */
export async function readThrowAwayUsers(names: readonly [string, string], setup: Setup): Promise<TemporaryCredential> {
  const direct = await askFor(names[0], setup);
  const stored = await askFor(names[1], setup);
  // A cluster has several addresses, such as that of PrivateLink, so the endpoint does not count.
  const users = { arn: undefined, name: '', rotationFunctionArn: undefined, endpoint: undefined, usernames: names };
  const { others, notes } = await setup.findSameUser(users, setup.aws);
  if (others.length > 0) {
    const message = `A secret holds one of the users: ${others.join(', ')}.`;
    return refuse('user-in-use', message, 'Name users that no secret holds.');
  }
  return {
    step: [
      `Change the passwords of ${names.join(' and ')} at ${setup.endpoint.url}, which nobody knows afterwards: drop both users.`,
      'No secret of this product that the command could read holds them. It reads no secret of other products.',
      ...notes,
    ].join(' '),
    tags: tagsOf('user'),
    create: async () => ({ direct, stored }),
  };
}

async function askFor(username: string, { endpoint, cluster, readPassword }: Setup): Promise<Credentials> {
  if (isAdmin(username, undefined)) {
    refuse('admin-user', `${username} administers the cluster.`, 'Name another user.');
  }
  const password = (await readPassword(printable(`Password of ${username} at ${endpoint.url}: `))) ?? '';
  const user = { endpoint, username, password };
  const login = password === '' ? undefined : await cluster.authenticates(user);
  if (login?.kind !== 'accepted') {
    const message = `${endpoint.url} does not accept the given password of ${username}.`;
    return refuse('password-rejected', message, 'Give both passwords at the prompt, or as lines on standard input.');
  }
  if (login.roles.some((role) => role !== EVERYBODY)) {
    const message = `${username} has a role, so an application may use it.`;
    return refuse('user-in-use', message, 'Name users without a role.');
  }
  return user;
}
