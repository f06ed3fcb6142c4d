import { EndpointError, type EndpointRules, parseAnyEndpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';

/** Why the rules refuse the endpoint, without any password. `undefined` if they accept it. */
export function endpointProblem(endpoint: string, rules: EndpointRules): string | undefined {
  return problemOf(EndpointError, () => parseEndpoint(endpoint, rules));
}

/** Checks only the form of the endpoint, because another key decides which hosts are allowed. */
export function endpointFormProblem(endpoint: string): string | undefined {
  return problemOf(EndpointError, () => parseAnyEndpoint(endpoint, { allowPlaintext: true }));
}

/** The message of the expected error. `undefined` if there is no error. */
export function problemOf(expected: new (...args: never[]) => Error, act: () => unknown): string | undefined {
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
