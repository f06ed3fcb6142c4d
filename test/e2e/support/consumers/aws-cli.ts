import { parseArgs } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** A stand-in for the AWS CLI, which npm does not have: `aws secretsmanager get-secret-value`. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'secret-id': { type: 'string' },
    'version-stage': { type: 'string' },
    query: { type: 'string' },
    output: { type: 'string' },
  },
});
const command = [...positionals, values.query, values.output].join(' ');
if (command !== 'secretsmanager get-secret-value SecretString text') {
  throw new Error(`This stand-in for the AWS CLI does not know: ${command}`);
}
const { SecretString } = await new SecretsManagerClient({}).send(
  new GetSecretValueCommand({ SecretId: values['secret-id'], VersionStage: values['version-stage'] }),
);
process.stdout.write(`${SecretString}\n`);
