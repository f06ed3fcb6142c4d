import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { tokenOf } from '../../../protocol/secret/credential-form.ts';
import { createAwsHandler } from '../aws-single-user.ts';

/** AWS's single-user algorithm with the Milvus SDK as it is, and one client for every request. */
export const handler: ReturnType<typeof createAwsHandler> = createAwsHandler({
  authenticates: async ({ endpoint, username, password }) => {
    const client = clientWith(endpoint.url, tokenOf({ username, password }));
    const { status } = await client.describeUser({ username });
    return status.error_code === 'Success' ? { kind: 'accepted', roles: [] } : { kind: 'rejected' };
  },
  changePassword: async ({ endpoint, username, password }, newPassword) => {
    const client = clientWith(endpoint.url, tokenOf({ username, password }));
    const answer = await client.updatePassword({ username, oldPassword: password, newPassword });
    return answer.error_code === 'Success'
      ? { kind: 'changed' }
      : { kind: 'refused', reason: 'unclear', answer: String(answer.error_code) };
  },
});

let client: MilvusClient | undefined;
let credential = '';

/** The client, whose next request logs in with this token. */
function clientWith(address: string, token: string): MilvusClient {
  credential = Buffer.from(token).toString('base64');
  client ??= new MilvusClient({
    address,
    maxRetries: 0,
    logLevel: 'error',
    telemetry: { enabled: false },
    // Otherwise the first rejected password would end the process.
    __SKIP_CONNECT__: true,
    channelOptions: {
      // An option of grpc-js. A token of the client would replace this credential.
      callInvocationTransformer: <T extends { metadata: { set(key: string, value: string): void } }>(call: T): T => {
        call.metadata.set('authorization', credential);
        return call;
      },
    },
  });
  return client;
}
