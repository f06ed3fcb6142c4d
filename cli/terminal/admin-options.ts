import type { ClusterConnection } from '../command-ports.ts';
import { UsageError } from './options.ts';

/** A parser for commander: adds a role. */
export function parseRole(role: string, roles: readonly string[] | undefined): readonly string[] {
  return [...(roles ?? []), role];
}

/** @throws UsageError if the admin secret is the secret itself, or needs another transport */
export function checkAdminSecret(
  adminSecret: string | undefined,
  secretId: string,
  { transport }: Pick<ClusterConnection, 'transport'>,
): void {
  if (adminSecret === secretId) {
    throw new UsageError('--admin-secret names the secret that the command changes. Name the secret of an admin.');
  }
  if (adminSecret !== undefined && transport !== 'grpc') {
    // The answer of REST about an unknown user is the answer about a user without roles.
    throw new UsageError(`--admin-secret works over gRPC only, not over ${transport}. Give --transport grpc.`);
  }
}
