import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { type AwsOptions, LOCAL_REGION } from '../../../local/cloud/access.ts';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { rotationSettles } from '../../support/deployed-rotation.ts';
import { awsOptions, canLogIn, documentOf, newClusterUser } from '../../support/servers.ts';

/** The secret of each account. */
export const SECRET = 'milvus/orders';

/** An account beside the central one, with a secret. */
export class MemberAccount {
  readonly account: string;
  readonly options: AwsOptions;
  readonly secrets: SecretsManager;

  constructor(awsUrl: string, account: string) {
    this.account = account;
    this.options = awsOptions(awsUrl, { account, region: LOCAL_REGION });
    this.secrets = new SecretsManager(this.options);
  }

  /** @returns the cluster user of the new secret */
  async createSecret(Name = SECRET): Promise<Credentials> {
    const user = await newClusterUser('plaintext');
    await this.secrets.createSecret({ Name, SecretString: documentOf(user) });
    return user;
  }

  async secretArn(SecretId = SECRET): Promise<string> {
    return (await this.secrets.describeSecret({ SecretId })).ARN ?? '';
  }

  async rotationSettles(secret = SECRET): Promise<void> {
    await rotationSettles(await this.secretArn(secret), 'idle', this.options.endpoint);
  }

  async currentPassword(): Promise<string> {
    return parseDocument((await this.secrets.getSecretValue({ SecretId: SECRET })).SecretString ?? '').password;
  }

  /** Rotates the secret of this user. */
  async rotateAgain(user: Omit<Credentials, 'password'>): Promise<void> {
    const former = await this.currentPassword();
    await this.secrets.rotateSecret({ SecretId: SECRET });
    await this.rotationSettles();
    await this.expectRotated({ ...user, password: former });
  }

  async expectRotated(former: Credentials): Promise<void> {
    const password = await this.currentPassword();
    expect(password).not.toBe(former.password);
    expect(await canLogIn({ ...former, password })).toBe(true);
  }
}
