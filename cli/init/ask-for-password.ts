import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type CommandLoginPorts, loginWithCheck } from '../cluster/login.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';

export interface PasswordPorts extends CommandLoginPorts {
  /** Asks for a password without showing it. `undefined`: nobody gave one. */
  readonly readPassword: (question: string) => Promise<string | undefined>;
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
  { endpoint, username, user, exists }: AskedUser,
  ports: PasswordPorts,
): Promise<{ readonly credentials: Credentials; readonly roles: readonly string[] } | Failure> {
  for (let questions = 1; ; questions += 1) {
    const password = await ports.readPassword(printable(`Password of ${user} at ${endpoint.url}: `));
    if (password === undefined || password === '') {
      return refused(
        'password-needed',
        `${exists ? `${user} exists at ${endpoint.url}, and no` : 'No'} stored password of ${user} is accepted.`,
        `Nothing was changed. Give its password at the prompt or as a line on standard input.${exists ? '' : ' To create the user, give --admin-secret.'}`,
      );
    }
    const credentials = { endpoint, username, password };
    const login = await loginWithCheck(credentials, ports);
    switch (login.kind) {
      case 'accepted':
        return { credentials, roles: login.roles };
      case 'rejected':
        if (ports.ask === undefined || questions === MAX_QUESTIONS) {
          return refused(
            'password-rejected',
            `${endpoint.url} rejects the given password of ${user}, or has no such user.`,
            'Nothing was changed. Repeat the command with the right password. To create the user, give --admin-secret.',
          );
        }
        ports.showNotice(`${endpoint.url} rejects this password, or has no such user. Type it again`);
        break;
      case 'not-enforced':
        return failureOfFinding(searchFinding(login));
      case 'undecided':
        return failureOfFinding(searchFinding({ kind: 'undecided', why: login.explanation }));
    }
  }
}
