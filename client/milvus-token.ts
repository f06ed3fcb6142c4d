/** The value of the header `authorization` that Milvus expects. */
export function authorizationOf(token: string): string {
  return Buffer.from(token).toString('base64');
}

/** Whether a status of gRPC says that Milvus has refused the token. */
export type RefusalTest = (status: { readonly code: number; readonly details: string }) => boolean;

const UNAUTHENTICATED = 16;

/**
 * Recognises the words of Milvus. A gateway with the same code says nothing about the token.
 * ASSUMPTION milvus-refusal
 */
export const isMilvusRefusal: RefusalTest = ({ code, details }) =>
  code === UNAUTHENTICATED && /auth check failure/i.test(details);
