import { EndpointError, type EndpointRules, parseEndpoint } from '../../cluster/endpoint.ts';

/** What the rules have against the endpoint, in a sentence that shows no password; `undefined` when nothing. */
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

/** The form alone: whether the host is allowed depends on another part of the file. */
export function endpointFormProblem(endpoint: string): string | undefined {
  const host = URL.parse(endpoint)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return endpointProblem(endpoint, { allowed: [host], allowPlaintext: true });
}
