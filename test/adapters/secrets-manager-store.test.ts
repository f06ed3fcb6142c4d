import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createSecretsManagerStore, readCurrentValue } from '../../adapters/secrets-manager-store.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { type Answer, clientConfig } from '../support/aws-answers.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf';
const V1 = '11111111-0000-4000-8000-000000000001';
const V2 = '22222222-0000-4000-8000-000000000002';
const SECRET_VALUE = 'u:Secret-password-1';

function storeWith(answers: Answer[], rotationToken?: string) {
  const { config, requests } = clientConfig(...answers);
  return {
    store: createSecretsManagerStore(new SecretsManagerClient(config), { secretId: ARN, rotationToken }),
    requests,
  };
}

function refusing(type: string): Answer {
  return { status: 400, body: { __type: type, message: `You sent ${SECRET_VALUE}.` } };
}

describe('describe', () => {
  it('returns labels, tags and whether the rotation is on', async () => {
    const { store, requests } = storeWith([
      {
        body: {
          ARN,
          Name: 'orders',
          RotationEnabled: true,
          VersionIdsToStages: { [V1]: ['AWSCURRENT', 'AWSPENDING'], [V2]: ['AWSPREVIOUS'] },
          Tags: [{ Key: 'team', Value: 'search' }, { Key: 'empty' }, { Value: 'nameless' }],
        },
      },
    ]);
    expect(await store.describe()).toEqual({
      arn: ARN,
      name: 'orders',
      rotationEnabled: true,
      versions: [
        { versionId: V1, labels: ['AWSCURRENT', 'AWSPENDING'] },
        { versionId: V2, labels: ['AWSPREVIOUS'] },
      ],
      tags: { team: 'search', empty: '', '': 'nameless' },
    });
    expect(requests).toEqual([{ action: 'DescribeSecret', body: { SecretId: ARN } }]);
  });

  it('returns the id of the secret and nothing else if AWS leaves everything out', async () => {
    const { store } = storeWith([{ body: {} }]);
    expect(await store.describe()).toEqual({ arn: ARN, name: ARN, rotationEnabled: false, versions: [], tags: {} });
  });
});

describe('read', () => {
  it('returns the text of one version', async () => {
    const { store, requests } = storeWith([{ body: { SecretString: SECRET_VALUE } }]);
    expect(await store.read(V1)).toBe(SECRET_VALUE);
    expect(requests).toEqual([{ action: 'GetSecretValue', body: { SecretId: ARN, VersionId: V1 } }]);
  });

  it('returns undefined for a version that does not exist or is empty', async () => {
    expect(await storeWith([refusing('ResourceNotFoundException')]).store.read(V1)).toBeUndefined();
  });

  it('returns an empty text for a binary secret', async () => {
    expect(await storeWith([{ body: { SecretBinary: 'AQID' } }]).store.read(V1)).toBe('');
  });
});

describe('readCurrentValue', () => {
  it('returns the text of AWSCURRENT of any secret', async () => {
    const { config, requests } = clientConfig({ body: { SecretString: SECRET_VALUE } }, { body: {} });
    const client = new SecretsManagerClient(config);
    expect(await readCurrentValue(client, 'admin')).toBe(SECRET_VALUE);
    expect(await readCurrentValue(client, 'admin')).toBe('');
    expect(requests[0]).toEqual({ action: 'GetSecretValue', body: { SecretId: 'admin' } });
  });

  it('throws for a secret that does not exist', async () => {
    const client = new SecretsManagerClient(clientConfig(refusing('ResourceNotFoundException')).config);
    await expect(readCurrentValue(client, 'gone')).rejects.toMatchObject({ action: 'GetSecretValue', kind: 'refused' });
  });
});

describe('list', () => {
  it('returns the versions of every page, also those without a label', async () => {
    const { store, requests } = storeWith([
      { body: { Versions: [{ VersionId: V1, VersionStages: ['AWSCURRENT'], CreatedDate: 1.5 }], NextToken: 'more' } },
      { body: { NextToken: 'last' } },
      { body: { Versions: [{ VersionId: V2 }, {}] } },
    ]);
    expect(await store.list()).toEqual([
      { versionId: V1, labels: ['AWSCURRENT'], createdAt: 1500 },
      { versionId: V2, labels: [], createdAt: 0 },
    ]);
    const body = { SecretId: ARN, IncludeDeprecated: true, MaxResults: 100 };
    expect(requests).toEqual([
      { action: 'ListSecretVersionIds', body },
      { action: 'ListSecretVersionIds', body: { ...body, NextToken: 'more' } },
      { action: 'ListSecretVersionIds', body: { ...body, NextToken: 'last' } },
    ]);
  });
});

describe('put', () => {
  const version = { versionId: V1, value: SECRET_VALUE, labels: ['AWSPENDING', 'sent'] };
  const body = {
    SecretId: ARN,
    ClientRequestToken: V1,
    SecretString: SECRET_VALUE,
    VersionStages: ['AWSPENDING', 'sent'],
  };

  it('stores the value and the labels in one request', async () => {
    const { store, requests } = storeWith([{ body: {} }]);
    expect(await store.put(version)).toBe('stored');
    expect(requests).toEqual([{ action: 'PutSecretValue', body }]);
  });

  it('sends the rotation token, which AWS requires for a secret of another account', async () => {
    const { store, requests } = storeWith([{ body: {} }], 'rotation-token-of-this-event-0123456789');
    await store.put(version);
    expect(requests[0]?.body).toEqual({ ...body, RotationToken: 'rotation-token-of-this-event-0123456789' });
  });

  it('finds a conflict if the version holds another value', async () => {
    expect(await storeWith([refusing('ResourceExistsException')]).store.put(version)).toBe('conflict');
  });
});

describe('the labels', () => {
  it.each<[string, (store: SecretStore) => Promise<unknown>, object]>([
    [
      'promote moves AWSCURRENT only from the named version',
      (store) => store.promote({ to: V2, from: V1 }),
      { VersionStage: 'AWSCURRENT', MoveToVersionId: V2, RemoveFromVersionId: V1 },
    ],
    [
      'removeLabel removes a label only from the named version',
      (store) => store.removeLabel({ label: 'AWSPENDING', from: V1 }),
      { VersionStage: 'AWSPENDING', RemoveFromVersionId: V1 },
    ],
  ])('%s', async (_, move, body) => {
    const { store, requests } = storeWith([{ body: {} }]);
    expect(await move(store)).toBe('done');
    expect(requests).toEqual([{ action: 'UpdateSecretVersionStage', body: { SecretId: ARN, ...body } }]);

    for (const type of ['InvalidParameterException', 'ResourceNotFoundException']) {
      expect(await move(storeWith([refusing(type), { body: {} }]).store)).toBe('moved');
    }
    for (const type of ['ThrottlingException', 'InvalidRequestException', 'AccessDeniedException']) {
      await expect(move(storeWith([refusing(type)]).store)).rejects.toMatchObject({
        action: 'UpdateSecretVersionStage',
        code: type,
      });
    }
  });

  it.each([
    [V2, 'done'],
    [V1, 'moved'],
  ])('promote reads where AWSCURRENT is if AWS refuses the move: on %s is %s', async (holder, outcome) => {
    const { store, requests } = storeWith([
      refusing('InvalidParameterException'),
      { body: { VersionIdsToStages: { [holder]: ['AWSCURRENT'] } } },
    ]);
    expect(await store.promote({ to: V2, from: V1 })).toBe(outcome);
    expect(requests.map(({ action }) => action)).toEqual(['UpdateSecretVersionStage', 'DescribeSecret']);
  });

  it('addLabel adds a label that no version has', async () => {
    const { store, requests } = storeWith([{ body: {} }]);
    await store.addLabel({ label: 'sent', to: V2 });
    expect(requests).toEqual([
      {
        action: 'UpdateSecretVersionStage',
        body: { SecretId: ARN, VersionStage: 'sent', MoveToVersionId: V2 },
      },
    ]);
  });
});

describe('a failure', () => {
  it.each<[string, (store: SecretStore) => Promise<unknown>]>([
    ['DescribeSecret', (store) => store.describe()],
    ['GetSecretValue', (store) => store.read(V1)],
    ['ListSecretVersionIds', (store) => store.list()],
    ['PutSecretValue', (store) => store.put({ versionId: V1, value: SECRET_VALUE, labels: [] })],
    ['UpdateSecretVersionStage', (store) => store.addLabel({ label: 'sent', to: V1 })],
  ])('of %s names the action and AWS’s code, and quotes nothing that AWS says', async (action, request) => {
    const error: unknown = await request(storeWith([refusing('LimitExceededException')]).store).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      name: 'SecretStoreError',
      action,
      code: 'LimitExceededException',
      kind: 'refused',
      message: expect.not.stringContaining(SECRET_VALUE),
    });
  });

  it('has the reason with which AWS denies an action that sends no value', async () => {
    const fails = Object.assign(new Error('Access to KMS is not allowed'), { name: 'AccessDeniedException' });
    await expect(storeWith([{ fails }]).store.read(V1)).rejects.toThrow('Access to KMS is not allowed');
  });

  it('has the reason of a denied PutSecretValue only if it is the fixed text about KMS', async () => {
    const put = async (message: string): Promise<unknown> => {
      const fails = Object.assign(new Error(message), { name: 'AccessDeniedException' });
      return await storeWith([{ fails }]).store.put({ versionId: V1, value: SECRET_VALUE, labels: [] });
    };
    await expect(put('Access to KMS is not allowed')).rejects.toThrow('Access to KMS is not allowed');
    await expect(put(`Access to KMS is not allowed ${SECRET_VALUE}`)).rejects.not.toThrow('Access to KMS');
  });

  it.each([
    [500, true],
    [501, false],
  ])('has the reason of AWS up to 500 characters: with %d', async (length, isQuoted) => {
    const fails = Object.assign(new Error('x'.repeat(length)), { name: 'AccessDeniedException' });
    const error: unknown = await storeWith([{ fails }])
      .store.read(V1)
      .catch((caught: unknown) => caught);
    expect(String(error).includes('xx')).toBe(isQuoted);
  });

  it.each([
    ['AccessDeniedException', 'denied', 'no permission'],
    ['DecryptionFailure', 'denied', 'refused to decrypt'],
    ['EncryptionFailure', 'denied', 'refused to encrypt'],
    ['UnrecognizedClientException', 'denied', 'not valid'],
    ['ExpiredTokenException', 'denied', 'have expired'],
    ['ResourceNotFoundException', 'refused', 'no such secret'],
    ['LimitExceededException', 'refused', 'no room'],
    ['InvalidRequestException', 'refused', 'marked for deletion'],
    ['InvalidParameterException', 'refused', 'refuses a parameter'],
    ['ThrottlingException', 'unavailable', 'a retry may help'],
    ['InternalServiceError', 'unavailable', 'a retry may help'],
  ])('with the code %s is %s', async (type, kind, explanation) => {
    await expect(storeWith([refusing(type)]).store.describe()).rejects.toMatchObject({
      code: type,
      kind,
      message: expect.stringContaining(explanation),
    });
  });

  it('of the network may be retried', async () => {
    const fails = Object.assign(new Error(`connect ECONNREFUSED, sent ${SECRET_VALUE}`), { name: 'TimeoutError' });
    await expect(storeWith([{ fails }]).store.describe()).rejects.toMatchObject({
      code: 'TimeoutError',
      kind: 'unavailable',
      message: expect.not.stringContaining(SECRET_VALUE),
    });
  });
});
