/** The entry of docs/operations.md that test/e2e/least-privilege.test.ts follows. */
export const KEY_CHANGED = 'The KMS key of a secret was changed';

export const KEY_COMMANDS = {
  readPolicy: 'aws kms get-key-policy --key-id KEY --policy-name default --query Policy --output text',
  storePolicy: 'aws kms put-key-policy --key-id KEY --policy-name default --policy file://policy.json',
} as const;
