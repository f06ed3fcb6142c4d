import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloudAccess } from '../../local/cloud/access.ts';

/** Client options for the AWS emulator. */
export function awsOptions({ awsUrl }: Pick<LocalCloudAccess, 'awsUrl'>): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  return {
    endpoint: awsUrl,
    region: LOCAL_REGION,
    credentials: { accessKeyId: LOCAL_ACCOUNT, secretAccessKey: 'test' },
  };
}
