import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../local/cloud/access.ts';
import { listenOnLoopback } from '../../local/process/loopback.ts';
import { createQuota } from './quota.ts';

/** What the stand-in received since the last reset. Times are milliseconds. */
export interface Received {
  /** The times of the RotateSecret calls that started a rotation. */
  readonly starts: number[];
  /** PutSecretValue and UpdateSecretVersionStage, as the function would send them. */
  readonly writes: number[];
  /** By action. */
  readonly calls: Record<string, number>;
  /** The number of RotateSecret calls that the stand-in refused. */
  throttled: number;
  logins: number;
  reset(): void;
}

export interface StandIn {
  readonly url: string;
  readonly received: Received;
  stop(): Promise<void>;
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly username: string;
  /** Value by version. */
  readonly values: Map<string, string>;
  current: string;
  pending: string | undefined;
  sent: string | undefined;
}

/** AWS's quota of PutSecretValue and UpdateSecretVersionStage, together. */
const WRITES_PER_SECOND = 50;

/** When the function would write after RotateSecret: createSecret and finishSecret. */
const WRITES_AFTER_MS = [300, 2000, 2100];

function createReceived(): Received {
  const nothing = () => ({ starts: [], writes: [], calls: {}, throttled: 0, logins: 0 });
  const received: Received = { ...nothing(), reset: () => void Object.assign(received, nothing()) };
  return received;
}

/**
 * A server on loopback for a command that rotates a fleet. It speaks the protocols of Secrets
 * Manager, Lambda and REST v2 of Milvus as far as the command needs them. It throttles
 * RotateSecret if the writes of the rotation do not fit into AWS's quota. No function runs.
 */
export async function startStandIn(count: number): Promise<StandIn> {
  const received = createReceived();
  const functionArn = `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:bulk`;
  const quota = createQuota(WRITES_PER_SECOND, () => performance.now());
  const secrets = new Map<string, Secret>();
  const users = new Map<string, string>();
  let url = '';

  const documentOf = (username: string, password: string): string =>
    JSON.stringify({ endpoint: url, username, password, token: `${username}:${password}` });

  const describe = ({ name, arn, current, pending, sent }: Secret): Record<string, unknown> => {
    const stages: Record<string, string[]> = { [current]: ['AWSCURRENT'] };
    if (sent !== undefined) {
      stages[sent] = [...(stages[sent] ?? []), `zilliz-sent:${sent}`];
    }
    if (pending !== undefined) {
      stages[pending] = [...(stages[pending] ?? []), 'AWSPENDING'];
    }
    const rotation = { RotationEnabled: true, RotationLambdaARN: functionArn, CreatedDate: 1 };
    return { ARN: arn, Name: name, ...rotation, VersionIdsToStages: stages, SecretVersionsToStages: stages };
  };

  const rotate = (secret: Secret, token: string): boolean => {
    const writes = WRITES_AFTER_MS.slice(0, secret.sent === undefined ? 2 : 3);
    if (!quota.take(writes.length)) {
      return false;
    }
    received.starts.push(performance.now());
    secret.pending = token;
    for (const [index, delay] of writes.entries()) {
      setTimeout(() => {
        received.writes.push(performance.now());
        if (index === 0) {
          secret.values.set(token, documentOf(secret.username, `Pass-${token}`));
        } else if (index === 1) {
          users.set(secret.username, `Pass-${token}`);
          secret.current = token;
          secret.sent = token;
        }
      }, delay);
    }
    return true;
  };

  const answer = (action: string, body: Record<string, string>): [status: number, answer: unknown] => {
    const secret = secrets.get(body['SecretId'] ?? '');
    switch (action) {
      case 'ListSecrets': {
        const from = Number(body['NextToken'] ?? 0);
        const SecretList = [...secrets.values()].slice(from, from + 100).map(describe);
        return [200, from + 100 < count ? { SecretList, NextToken: String(from + 100) } : { SecretList }];
      }
      case 'DescribeSecret':
        return secret === undefined ? [400, { __type: 'ResourceNotFoundException' }] : [200, describe(secret)];
      case 'GetSecretValue':
        return [200, { SecretString: secret?.values.get(body['VersionId'] ?? ''), VersionId: body['VersionId'] }];
      case 'RotateSecret':
        if (secret !== undefined && rotate(secret, body['ClientRequestToken'] ?? '')) {
          return [200, {}];
        }
        received.throttled += 1;
        return [400, { __type: 'ThrottlingException', message: 'Rate exceeded' }];
      default:
        return [400, { __type: 'InvalidRequestException', message: action }];
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const send = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(value));
    };
    const [, action] = String(request.headers['x-amz-target'] ?? '').split('.');
    if (action !== undefined) {
      received.calls[action] = (received.calls[action] ?? 0) + 1;
      const [status, value] = answer(action, JSON.parse(body) as Record<string, string>);
      send(status, value);
    } else if (request.url?.endsWith('/configuration') === true) {
      send(200, { Environment: { Variables: { ROTATED_SECRETS: '*' } } });
    } else {
      received.logins += 1;
      const [username = '', password] = (request.headers.authorization ?? '').replace('Bearer ', '').split(':');
      const accepted = users.get(username) === password;
      send(accepted ? 200 : 401, accepted ? { code: 0, data: [] } : { code: 1800, message: 'not authenticated' });
    }
  };

  const server = createServer((request, response) => void handle(request, response));
  url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  for (let index = 0; index < count; index++) {
    const name = `bulk/${index}`;
    const arn = `arn:aws:secretsmanager:${LOCAL_REGION}:${LOCAL_ACCOUNT}:secret:${name}-AbCdEf`;
    const current = randomUUID();
    const username = `user_${index}`;
    users.set(username, `Pass-${current}`);
    const values = new Map([[current, documentOf(username, `Pass-${current}`)]]);
    const secret: Secret = { name, arn, username, values, current, pending: undefined, sent: undefined };
    secrets.set(arn, secret);
  }
  return {
    url,
    received,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
