import { awsEnvironment, type LocalCloudAccess } from './access.ts';

/** The text of a shell script that sets the variables of the local cloud. */
export function environmentFile(access: LocalCloudAccess): string {
  const { tls, plaintext } = access.milvus;
  const variables = {
    ...awsEnvironment(access),
    MILVUS_TLS_ENDPOINT: tls.endpoint,
    MILVUS_TLS_REST_ENDPOINT: tls.restEndpoint,
    MILVUS_TLS_CA_FILE: access.caFile,
    MILVUS_TLS_ROOT_PASSWORD: tls.rootPassword,
    MILVUS_ENDPOINT: plaintext.endpoint,
    MILVUS_REST_ENDPOINT: plaintext.restEndpoint,
    MILVUS_ROOT_PASSWORD: plaintext.rootPassword,
  };
  return [
    '# The variables of the running local cloud. Load them into a shell with:  . .local/cloud.env',
    // A profile or a session would take precedence over the keys.
    'unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    '',
  ].join('\n');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
