import { CredentialsProviderError } from '@smithy/core/config';

/** A source without credentials. The chain of sources goes on with the next one. */
const provider = () => (): Promise<never> =>
  Promise.reject(
    new CredentialsProviderError('This source of credentials is not in the bundle of the function.', {
      tryNextLink: true,
    }),
  );

export { provider as fromIni, provider as fromProcess, provider as fromSSO, provider as fromTokenFile };
