import type { Credentials } from '../cluster/cluster.ts';
import { EndpointError, type EndpointRules, parseEndpoint } from '../cluster/endpoint.ts';
import { DocumentError, ENDPOINT_TAG, parseDocument } from '../secret/document.ts';

export interface EndpointOptions {
  /** `--endpoint`: for plain-string secrets without the tag. */
  readonly endpoint: string | undefined;
  readonly rules: EndpointRules;
}

/**
 * `document`: what is stored is no credential. `endpoint`: it is one, and its password may not be sent from here to where
 * it belongs. `problem` is a sentence for the operator; it names keys and hosts and never a value.
 */
export type StoredCredentials =
  | { kind: 'usable'; credentials: Credentials }
  | { kind: 'unusable'; reason: 'document' | 'endpoint'; problem: string };

/**
 * What a stored version can be logged in with: its user and password, at the endpoint that the document names, else the
 * secret's tag, else `--endpoint`, in the order in which the rotation function looks.
 */
export function readCredentials(
  text: string,
  tags: Readonly<Record<string, string>>,
  options: EndpointOptions,
): StoredCredentials {
  try {
    const document = parseDocument(text);
    const endpoint = document.endpoint ?? tags[ENDPOINT_TAG] ?? options.endpoint;
    if (endpoint === undefined) {
      return {
        kind: 'unusable',
        reason: 'endpoint',
        problem: `The secret does not say where its cluster is. Give --endpoint https://host[:port], or tag the secret with ${ENDPOINT_TAG}.`,
      };
    }
    const { username, password } = document;
    return { kind: 'usable', credentials: { endpoint: parseEndpoint(endpoint, options.rules), username, password } };
  } catch (error) {
    if (error instanceof DocumentError || error instanceof EndpointError) {
      return {
        kind: 'unusable',
        reason: error instanceof DocumentError ? 'document' : 'endpoint',
        problem: error.message,
      };
    }
    throw error;
  }
}

/** Whether two credentials are of the same user of the same cluster. */
export function sameUser(a: Credentials, b: Credentials): boolean {
  return a.endpoint.url === b.endpoint.url && a.username === b.username;
}
