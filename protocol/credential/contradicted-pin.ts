import { endpointUrl } from '../cluster/endpoint.ts';

/** What the deployment pins for a secret. Absent and empty: anything. */
export interface Pins {
  readonly endpoint: string | undefined;
  readonly users: readonly string[];
}

/** The pin that a version contradicts. */
export function contradictedPin(
  { endpoint, username }: { readonly endpoint: string; readonly username: string },
  { endpoint: pinned, users }: Pins,
): 'endpoint' | 'user' | undefined {
  if (pinned !== undefined && endpointUrl(pinned) !== endpointUrl(endpoint)) {
    return 'endpoint';
  }
  return users.length === 0 || users.includes(username) ? undefined : 'user';
}
