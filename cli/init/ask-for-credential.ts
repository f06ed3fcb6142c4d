import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import { commandForm, type UnnamedCredential } from '../credential-forms.ts';
import { endWithSearch } from '../examine/findings.ts';
import { refuse } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';
import type { InitTarget } from './target.ts';

/**
 * Asks for the name of the credential, if neither an option nor a version tells it. What is typed
 * here is shown, so a text that may be a key is refused.
 *
 * @returns the names of the target
 * @throws FailureError
 */
export async function nameCredential(
  { usernames, strategy }: InitTarget,
  { readPassword }: ChangePorts,
): Promise<readonly string[]> {
  if (usernames.length > 0) {
    return usernames;
  }
  const { nameQuestion = '', isPrintable } = commandForm(STRATEGIES[strategy]);
  const name = (await readPassword(nameQuestion, { isVisible: true }))?.trim() ?? '';
  if (!isPrintable(name)) {
    refuse(
      'api-key-id-needed',
      'The secret names no id of an API key, and no id was given that starts with key-.',
      'Copy the id from the console of Zilliz Cloud, and give it at the prompt. An id of another form needs --api-key-id. The rotation deletes the key by its id later.',
    );
  }
  return [name];
}

/** What AWSCURRENT holds without a name, if it is not usable. @throws SecretStoreError */
export async function readUnnamed(
  { examination, strategy }: InitTarget,
  { aws }: Pick<ChangePorts, 'aws'>,
): Promise<UnnamedCredential> {
  const { secret, search } = examination ?? {};
  const currentId = secret && search?.kind === 'unusable' ? holderOf(secret, AWSCURRENT) : undefined;
  const text = secret && currentId && (await aws.store(secret.arn).read(currentId));
  return commandForm(STRATEGIES[strategy]).unnamedIn(text ?? '');
}

/** How often a person at a terminal may mistype. */
const MAX_QUESTIONS = 3;

/**
 * Asks for the password of a user, or for a key, until a login proves it.
 *
 * @param user the name, if it may be printed
 * @param known is tried before the first question
 * @throws FailureError
 */
export async function askForPassword(
  user: string,
  asked: Omit<Credentials, 'password'>,
  known: string | undefined,
  ports: ChangePorts,
): Promise<{ readonly credentials: Credentials; readonly roles: readonly string[] }> {
  const { url } = asked.endpoint;
  const { secretWord, howToCreate } = commandForm(asked);
  const what = `${secretWord} of ${user}`;
  const question = `${what.charAt(0).toUpperCase()}${what.slice(1)} at ${url}: `;
  for (let questions = known === undefined ? 1 : 0; ; questions += 1) {
    const password = questions === 0 ? known : await ports.readPassword(printable(question));
    if (password === undefined || password === '') {
      refuse(
        'password-needed',
        `No stored ${what} is accepted at ${url}.`,
        `Give the ${secretWord} at the prompt or as a line on standard input.${howToCreate}`,
      );
    }
    const credentials = { ...asked, password };
    const login = await loginWithCheck(credentials, ports);
    if (login.kind === 'accepted') {
      return { credentials, roles: login.roles };
    }
    if (login.kind !== 'rejected') {
      endWithSearch(login);
    }
    if (questions > 0) {
      if (ports.ask === undefined || questions === MAX_QUESTIONS) {
        refuse(
          'password-rejected',
          `${url} rejects the given ${what}, or does not know the name.`,
          `Repeat the command with the right ${secretWord}.${howToCreate}`,
        );
      }
      ports.showNotice(`${url} rejects this ${secretWord}, or does not know the name. Type it again`);
    }
  }
}
