import { awsEnvironment, type LocalCloudAccess } from './access.ts';

/** Text of a file that a shell reads with `.` or `source`, so that AWS tools and scripts find the local cloud. */
export function environmentFile(access: LocalCloudAccess): string {
  const { tls, plaintext } = access.milvus;
  const variables = {
    ...awsEnvironment(access),
    MILVUS_TLS_ENDPOINT: tls.endpoint,
    MILVUS_TLS_CA_FILE: access.caFile,
    MILVUS_TLS_ROOT_PASSWORD: tls.rootPassword,
    MILVUS_ENDPOINT: plaintext.endpoint,
    MILVUS_ROOT_PASSWORD: plaintext.rootPassword,
  };
  return [
    '# The local cloud that is running now. Read it into a shell with:  . .local/cloud.env',
    // A profile or a session would be preferred to the keys below.
    'unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN',
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    '',
  ].join('\n');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
