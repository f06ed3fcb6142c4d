import { isSameUser } from '../../credential/stored-credential.ts';
import { activate, choose, keyProblems, retire } from './passwords.ts';
import type { Strategy } from './strategy.ts';

/** The user in AWSCURRENT changes its own password, which ends the old password. */
export const singleUser: Strategy = {
  name: 'single-user',
  form: 'password',
  title: 'single user',
  keepsReplaced: false,
  canRevoke: false,
  needsManager: false,
  mustPin: false,
  pinProblems: ({ username, usernames, ...pins }, isNew) => {
    if (usernames !== undefined) {
      const rule =
        'A single user is named by username. Write strategy: alternating-users for two users that take turns.';
      return [{ key: 'usernames', rule }, ...keyProblems(pins)];
    }
    return isNew && username === undefined
      ? [{ key: 'username', rule: 'Missing. Write the cluster user of the new secret. A user starts with a letter.' }]
      : keyProblems(pins);
  },
  canUse: ({ usernames }) => usernames === undefined,
  next: (current) => current,
  mayFollow: isSameUser,
  choose,
  activate,
  retire,
};
