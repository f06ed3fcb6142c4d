import { createServer } from 'node:https';
import { expect, test } from 'vitest';
import { selfSigned } from '../../adapters/support/grpc-server.ts';
import { serve } from '../../support/loopback.ts';
import { functionZip } from '../support/function-zip.ts';
import { createFunction, localAws } from '../support/local-aws.ts';

const aws = localAws();

test.each(['127.0.0.1', 'localhost'])('a function speaks TLS with a server on %s and checks its name', async (host) => {
  const { key, cert } = await selfSigned();
  const server = createServer({ key, cert }, (_, response) => response.end());
  const { port } = await serve(server, 'https');

  const FunctionName = await createFunction(aws.lambda, await functionZip('tls-function.ts'));
  const url = `https://${host}:${port}/`;
  const Payload = Buffer.from(JSON.stringify({ url, ca: cert }));
  const answer = await aws.lambda.invoke({ FunctionName, Payload });

  // The certificate is for 127.0.0.1 only.
  expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString())).toBe(
    host === '127.0.0.1' ? 200 : 'ERR_TLS_CERT_ALTNAME_INVALID',
  );
});
