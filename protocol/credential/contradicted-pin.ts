import { endpointUrl } from '../cluster/endpoint.ts';
import { type Pins, usersOf } from '../secret/rotated-secrets.ts';

/** The pin that a version contradicts. */
export function contradictedPin(
  { endpoint, username }: { readonly endpoint: string; readonly username: string },
  pins: Pins,
): 'endpoint' | 'user' | undefined {
  if (pins.endpoint !== undefined && endpointUrl(pins.endpoint) !== endpointUrl(endpoint)) {
    return 'endpoint';
  }
  const users = usersOf(pins);
  return users.length === 0 || users.includes(username) ? undefined : 'user';
}
