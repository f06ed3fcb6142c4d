/** The SDK makes two objects of this class for each client. Only rows and schemas need them. */
export const Root = { fromJSON: (): undefined => undefined };
