import { createSecretsManagerRotationService } from '../../../cli/aws/secrets-manager-rotation-service.ts';
import { secretTagsContract } from '../../contract/rotation-service-contract.ts';
import { localAws } from '../../emulator/support/local-aws.ts';

const aws = localAws();

secretTagsContract('SecretsManagerRotationService', async () => ({
  service: createSecretsManagerRotationService(aws.secrets),
  secretId: await aws.secret('v0'),
}));
