import type { Credentials } from '../cluster/cluster.ts';

/**
 * Milliseconds between the two logins with each password that must both be rejected. A proxy that
 * is up to five seconds late accepts the new password by then.
 */
export const SECOND_LOGIN_AFTER_MS = 6000;

/**
 * How many logins in a row must be accepted before AWSCURRENT may move, each over a connection of
 * its own, because a load balancer assigns a proxy to each connection. If half of the proxies do
 * not know the new password yet, the chance that three logins all miss these proxies is 1/8. A
 * rotation needs three logins in testSecret and three in finishSecret: the chance is 1/64.
 *
 * A rejection shows that some proxies are late. The logins are then repeated, and each repetition
 * can miss the late proxies, so more logins are needed. With eight, the chance is 1/256.
 */
export function loginsInARow(rejectedBefore: boolean): number {
  return rejectedBefore ? 8 : 3;
}

export function describeForbiddenLogin({ endpoint, username }: Credentials): string {
  return `${endpoint.url} answers PERMISSION_DENIED to a login of ${username}, which says nothing about the password.`;
}
