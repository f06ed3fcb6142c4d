import type { Credentials } from '../cluster/cluster.ts';
import { endpointUrl } from '../cluster/endpoint.ts';

/** What the deployment pins for a secret. Absent and empty: anything. */
export interface Pins {
  readonly endpoint: string | undefined;
  readonly users: readonly string[];
}

/** The pin that a version contradicts. */
export function contradictedPin(
  { endpoint, username }: Pick<Credentials, 'endpoint' | 'username'>,
  pins: Pins,
): 'endpoint' | 'user' | undefined {
  if (namesOtherEndpoint(endpoint.url, pins)) {
    return 'endpoint';
  }
  return pins.users.length === 0 || pins.users.includes(username) ? undefined : 'user';
}

export function namesOtherEndpoint(named: string, { endpoint: pinned }: Pick<Pins, 'endpoint'>): boolean {
  return pinned !== undefined && endpointUrl(pinned) !== endpointUrl(named);
}
