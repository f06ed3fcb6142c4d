import { AWSCURRENT, AWSPREVIOUS, holderOf, sentLabels } from '../../protocol/secret/versions.ts';
import type { FormOfCredential } from './credential-form.ts';

/** An API key of Zilliz Cloud. Its id takes the place of the user. */
export const apiKeyForm: FormOfCredential = {
  noun: 'an API key',
  secretWord: 'text',
  unnamed: 'the API key in AWSCURRENT',
  nameOf: (id) => `API key ${id}`,
  // A person may have swapped the id and the key, and a key does not start like an id.
  isPrintable: (id) => /^key-\w{1,40}$/.test(id),
  json: (apiKeyId) => ({ username: null, apiKeyId }),
  /** This command deletes no key, so it removes no label. The function keeps these two versions. */
  notDeleted: (secret) => {
    const kept = [AWSCURRENT, AWSPREVIOUS].map((label) => holderOf(secret, label));
    return sentLabels(secret).filter(({ versionId }) => !kept.includes(versionId));
  },
  rejected: (user) => `The cluster rejects every tried API key, also ${user}.`,
  likelyCause: () => 'Probably somebody deleted the keys in the console, or AWSCURRENT names the wrong cluster.',
  howToStore: (name) =>
    `If you have a valid API key and its id, store both with \`zilliz-rotation init ${name} --strategy api-key\`, which asks for them and proves the key.`,
  howToReplace: (name) =>
    `If nobody has a valid key, create one with the role and scope of an existing key: \`zilliz-rotation repair ${name} --manager --like KEY-ID\`.`,
};
