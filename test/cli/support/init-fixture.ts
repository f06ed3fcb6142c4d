import { tokenOf } from '../../../protocol/secret/credential-form.ts';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import type { Fixture } from './command-fixture.ts';
import { addAdmin } from './repair-fixture.ts';
import { documentOf, ENDPOINT } from './rotations.ts';

export const A = 'app';
export const B = 'app_b';
export const SINGLE: readonly string[] = ['init', 'orders', '--endpoint', ENDPOINT, '--username', A];
const TWO_USERS = ['--users', `${A},${B}`];
export const ADMIN: readonly string[] = ['--admin-secret', 'zilliz-admin'];
export const ADD_SECOND: readonly string[] = ['init', 'orders', ...TWO_USERS, ...ADMIN];
export const TWO_NEW: readonly string[] = [...ADD_SECOND, '--endpoint', ENDPOINT, '--role', 'reader'];

/** Adds the secret `orders` of the user {@link A}, which has these roles and no rotation yet. */
export function addSecretOfFirstUser(fixture: Fixture, password: string, roles: readonly string[] = ['reader']): void {
  const { aws, cluster } = fixture;
  aws.add('orders', documentOf(password, { note: 'survives' }), { rotationFunctionArn: undefined });
  aws.secret('orders').store.rotationEnabled = false;
  cluster.addUser(A, password).roles = { [A]: roles };
  addAdmin(fixture);
}

/** The tokens in the versions with a label whose password the cluster accepts now. */
export function validTokens({ aws, cluster }: Fixture): string[] {
  return aws
    .secret('orders')
    .store.labelledValues.map((value) => parseDocument(value))
    .filter(({ username, password }) => cluster.passwordOf(username) === password)
    .map(tokenOf)
    .toSorted();
}

export function currentDocument({ aws }: Fixture, name = 'orders'): Record<string, unknown> {
  const { store } = aws.secret(name);
  return JSON.parse(store.valueOf(store.holder(AWSCURRENT) ?? '') ?? '{}') as Record<string, unknown>;
}
