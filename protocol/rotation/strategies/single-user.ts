import type { RotationStrategy } from './strategy.ts';

/** The user in AWSCURRENT changes its own password, which ends the old password. */
export function singleUser(username: string | undefined): RotationStrategy {
  return {
    name: 'single-user',
    title: 'single user',
    users: username === undefined ? [] : [username],
    keepsCurrent: false,
    next: (current) => current,
    requireStart: async () => undefined,
    keepFindable: async () => undefined,
    compare: async () => undefined,
  };
}
