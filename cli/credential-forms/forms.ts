import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { CredentialForm } from '../../protocol/secret/credential-form.ts';
import { apiKeyForm } from './api-key.ts';
import type { FormOfCredential } from './credential-form.ts';
import { passwordForm } from './password.ts';

const FORMS: Readonly<Record<CredentialForm, FormOfCredential>> = { password: passwordForm, 'api-key': apiKeyForm };

/** The form of a credential, or of the credentials of a strategy. */
export function formOf({ form = 'password' }: { readonly form?: CredentialForm | undefined }): FormOfCredential {
  return FORMS[form];
}

/** How a message names a credential. */
export function nameOf(credentials: Pick<Credentials, 'username' | 'form'>): string {
  return formOf(credentials).nameOf(credentials.username);
}
