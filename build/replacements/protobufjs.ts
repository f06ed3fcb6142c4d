/** The SDK makes two roots for each client, to convert rows and schemas. */
export const Root = { fromJSON: (): undefined => undefined };
