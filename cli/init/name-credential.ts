import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { commandForm, type UnnamedCredential } from '../credential-forms.ts';
import { refuse } from '../outcome/failure.ts';
import type { InitTarget } from './target.ts';

/** A target that names its credential, and what its AWSCURRENT holds without a name. */
export interface NamedTarget extends InitTarget {
  readonly unnamed: UnnamedCredential;
}

/**
 * Asks for the name of the credential, if neither an option nor a version tells it. What is typed
 * here is shown, so a text that may be a key is refused.
 *
 * @throws FailureError, SecretStoreError
 */
export async function nameCredential(target: InitTarget, ports: ChangePorts): Promise<NamedTarget> {
  const { usernames, strategy, secret, examination } = target;
  const { nameQuestion = '', isPrintable, unnamedIn } = commandForm(STRATEGIES[strategy]);
  const [named, ...others] = usernames;
  const name = named ?? (await ports.readPassword(nameQuestion, { isVisible: true }))?.trim() ?? '';
  if (named === undefined && !isPrintable(name)) {
    refuse(
      'api-key-id-needed',
      'The secret names no id of an API key, and no id was given that starts with key-.',
      'Copy the id from the console of Zilliz Cloud, and give it at the prompt. An id of another form needs --api-key-id. The rotation deletes the key by its id later.',
    );
  }
  const currentId = secret && holderOf(secret, AWSCURRENT);
  const isUnusable = examination?.search.kind === 'unusable';
  const text = secret && currentId && isUnusable ? await ports.aws.store(secret.arn).read(currentId) : undefined;
  return { ...target, usernames: [name, ...others], unnamed: unnamedIn(text ?? '') };
}
