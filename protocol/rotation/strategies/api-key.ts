import type { PinProblem, Strategy } from './strategy.ts';

/** A rotation creates an API key, and a later rotation deletes the replaced one. */
export const apiKey: Strategy = {
  name: 'api-key',
  form: 'api-key',
  title: 'API key, of which two are valid at a time',
  keepsReplaced: true,
  canRevoke: true,
  needsManager: true,
  mustPin: true,
  pinProblems: ({ endpoint, username, usernames, apiKeyId }, isNew) => [
    ...(isNew ? [{ key: 'apiKeyId' as const, rule: NOT_CREATED }] : []),
    ...(apiKeyId === undefined ? [missing('apiKeyId', 'write the id of the API key that the secret holds now.')] : []),
    ...(endpoint === undefined ? [missing('endpoint', 'write the endpoint of the cluster.')] : []),
    ...(username === undefined ? [] : [needless('username')]),
    ...(usernames === undefined ? [] : [needless('usernames')]),
  ],
  canUse: ({ apiKeyId }) => apiKeyId !== undefined,
  next: (current) => current,
  mayFollow: (pending, current) => pending.form === 'api-key' && pending.username !== current.username,
  // Loaded only when a secret holds an API key, because the other functions have no use for it.
  choose: async (...question) => (await import('./create-key.ts')).choose(...question),
  activate: async (...question) => (await import('./activate-key.ts')).activate(...question),
  retire: async (...question) => (await import('./retire-keys.ts')).retire(...question),
};

const NOT_CREATED =
  'A stack cannot create a secret for an API key, because a template would show the key. Store the key with zilliz-rotation init, and name the secret.';

function missing(key: PinProblem['key'], what: string): PinProblem {
  return { key, rule: `Missing. With api-key, ${what}` };
}

function needless(key: PinProblem['key']): PinProblem {
  return { key, rule: 'An API key has no user. Leave the key out, or write the strategy of users.' };
}
