/**
 * Whether the details of a gRPC status come from a gateway in front of the cluster. grpc-js turns
 * a gateway's HTTP 401 into UNAUTHENTICATED, but a gateway says nothing about the password.
 */
export function isGatewayAnswer(details: string): boolean {
  return /HTTP status code \d/.test(details);
}
