import { EndpointError, type EndpointRules, parseAnyEndpoint, parseEndpoint } from '../../cluster/endpoint.ts';

/** Why the rules refuse the endpoint, without any password. `undefined` if they accept it. */
export function endpointProblem(endpoint: string, rules: EndpointRules): string | undefined {
  return problemOf(() => parseEndpoint(endpoint, rules));
}

/** Checks only the form of the endpoint, because another key decides which hosts are allowed. */
export function endpointFormProblem(endpoint: string): string | undefined {
  return problemOf(() => parseAnyEndpoint(endpoint, { allowPlaintext: true }));
}

function problemOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof EndpointError) {
      return error.message;
    }
    throw error;
  }
}
