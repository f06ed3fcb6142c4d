import { EndpointError, type EndpointRules, parseEndpoint } from '../../cluster/endpoint.ts';

/** Why the rules refuse the endpoint, without any password. `undefined` if they accept it. */
export function endpointProblem(endpoint: string, rules: EndpointRules): string | undefined {
  try {
    parseEndpoint(endpoint, rules);
    return undefined;
  } catch (error) {
    if (error instanceof EndpointError) {
      return error.message;
    }
    throw error;
  }
}

/** Checks only the form of the endpoint, because another key decides which hosts are allowed. */
export function endpointFormProblem(endpoint: string): string | undefined {
  const host = URL.parse(endpoint)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return endpointProblem(endpoint, { allowed: [host], allowPlaintext: true });
}
