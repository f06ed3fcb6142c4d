import { X509Certificate } from 'node:crypto';
import { EndpointError, type EndpointRules, parseAnyEndpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { alphabetOf, DEFAULT_PASSWORD_POLICY, PasswordPolicyError } from '../../protocol/cluster/password-policy.ts';
import type { FunctionSettings } from './function-settings.ts';

/** Why the rules refuse the endpoint, without any password. `undefined` if they accept it. */
export function endpointProblem(endpoint: string, rules: EndpointRules): string | undefined {
  return messageOf(EndpointError, () => parseEndpoint(endpoint, rules));
}

/** Checks only the form of the endpoint, because another key decides which hosts are allowed. */
export function endpointFormProblem(endpoint: string): string | undefined {
  return messageOf(EndpointError, () => parseAnyEndpoint(endpoint, { allowPlaintext: true }));
}

/** Why no password follows this policy. `undefined` if such passwords exist. */
export function passwordProblem({
  passwordLength: length = DEFAULT_PASSWORD_POLICY.length,
  passwordExcludeCharacters: excludeCharacters = DEFAULT_PASSWORD_POLICY.excludeCharacters,
}: FunctionSettings): string | undefined {
  return messageOf(PasswordPolicyError, () => alphabetOf({ length, excludeCharacters }));
}

/**
 * Why the PEM text is not the certificate of an authority. Without this check, the first TLS
 * connection of a rotation would fail. No message contains the text, which may be a private key.
 */
export function certificateProblem(pem: string): string | undefined {
  if (pem.includes('PRIVATE KEY')) {
    return 'The text contains a private key, which must stay secret. Give only the certificate of the authority.';
  }
  try {
    const certificate = new X509Certificate(pem);
    // A self-signed server certificate is its own authority.
    return certificate.ca || certificate.checkIssued(certificate)
      ? undefined
      : 'This is the certificate of a server. Give the certificate of the authority that signed it.';
  } catch {
    return 'The text contains no certificate. Give the text of a PEM file, which starts with -----BEGIN CERTIFICATE-----.';
  }
}

/** The message of the expected error. `undefined` if there is no error. */
function messageOf(expected: new (...args: never[]) => Error, act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof expected) {
      return error.message;
    }
    throw error;
  }
}
