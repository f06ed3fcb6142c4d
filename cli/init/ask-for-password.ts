import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import { commandForm } from '../credential-forms.ts';
import { endWithSearch } from '../examine/findings.ts';
import { refuse } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';

/** How often a person at a terminal may mistype. */
const MAX_QUESTIONS = 3;

/**
 * Asks for the password of a user, or for a key, until a login proves it.
 *
 * @param user the name, if it may be printed
 * @throws FailureError
 */
export async function askForPassword(
  user: string,
  asked: Omit<Credentials, 'password'>,
  ports: ChangePorts,
): Promise<{ readonly credentials: Credentials; readonly roles: readonly string[] }> {
  const { url } = asked.endpoint;
  const { secretWord, howToCreate } = commandForm(asked);
  const what = `${secretWord} of ${user}`;
  for (let questions = 1; ; questions += 1) {
    const question = `${what.charAt(0).toUpperCase()}${what.slice(1)} at ${url}: `;
    const password = await ports.readPassword(printable(question));
    if (password === undefined || password === '') {
      refuse(
        'password-needed',
        `No stored ${what} is accepted at ${url}.`,
        `Give the ${secretWord} at the prompt or as a line on standard input.${howToCreate}`,
      );
    }
    const credentials = { ...asked, password };
    const login = await loginWithCheck(credentials, ports);
    switch (login.kind) {
      case 'accepted':
        return { credentials, roles: login.roles };
      case 'rejected':
        if (ports.ask === undefined || questions === MAX_QUESTIONS) {
          refuse(
            'password-rejected',
            `${url} rejects the given ${what}, or does not know the name.`,
            `Repeat the command with the right ${secretWord}.${howToCreate}`,
          );
        }
        ports.showNotice(`${url} rejects this ${secretWord}, or does not know the name. Type it again`);
        break;
      default:
        return endWithSearch(login);
    }
  }
}
