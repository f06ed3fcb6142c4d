import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type CommandLoginPorts, loginWithCheck } from '../cluster/login.ts';
import type { CommandPorts } from '../command-ports.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';

export interface PasswordPorts extends CommandLoginPorts {
  /** Asks for a password without showing it. `undefined`: nobody gave one. */
  readonly readPassword: CommandPorts['readPassword'];
  /** `undefined` without a terminal. */
  readonly ask: unknown;
  readonly showNotice: (line: string) => void;
}

interface AskedUser extends Omit<Credentials, 'password'> {
  /** The name, if it may be printed. */
  readonly user: string;
  /** Whether an admin has seen the user. */
  readonly exists: boolean;
}

/** How often a person at a terminal may mistype. */
const MAX_QUESTIONS = 3;

/** Asks for the password of a user until a login proves it, on a terminal more than once. */
export async function askForPassword(
  { user, exists, ...asked }: AskedUser,
  ports: PasswordPorts,
): Promise<{ readonly credentials: Credentials; readonly roles: readonly string[] } | Failure> {
  const { endpoint, form } = asked;
  const isKey = form === 'api-key';
  const what = isKey ? user : `password of ${user}`;
  const howToCreate = isKey || exists ? '' : ' To create the user, give --admin-secret.';
  const orAbsent = isKey ? '' : ', or has no such user';
  for (let questions = 1; ; questions += 1) {
    const password = await ports.readPassword(
      printable(isKey ? `Text of ${user}: ` : `Password of ${user} at ${endpoint.url}: `),
    );
    if (password === undefined || password === '') {
      return refused(
        'password-needed',
        isKey
          ? `No stored text of ${user} is accepted at ${endpoint.url}.`
          : `${exists ? `${user} exists at ${endpoint.url}, and no` : 'No'} stored password of ${user} is accepted.`,
        `Nothing was changed. Give the ${isKey ? 'text of the key' : 'password'} at the prompt or as a line on standard input.${howToCreate}`,
      );
    }
    const credentials = { ...asked, password };
    const login = await loginWithCheck(credentials, ports);
    switch (login.kind) {
      case 'accepted':
        return { credentials, roles: login.roles };
      case 'rejected':
        if (ports.ask === undefined || questions === MAX_QUESTIONS) {
          return refused(
            'password-rejected',
            `${endpoint.url} rejects the given ${what}${orAbsent}.`,
            `Nothing was changed. Repeat the command with the right ${isKey ? 'key' : 'password'}.${howToCreate}`,
          );
        }
        ports.showNotice(`${endpoint.url} rejects this ${isKey ? 'key' : 'password'}${orAbsent}. Type it again`);
        break;
      case 'not-enforced':
        return failureOfFinding(searchFinding(login));
      case 'undecided':
        return failureOfFinding(searchFinding({ kind: 'undecided', why: login.explanation }));
    }
  }
}
