/**
 * The name of the package whose code a function runs, and the version of all packages. Tests
 * compare them.
 */
export const PRODUCT = { name: 'zilliz-secret-rotation', version: '0.2.0' } as const;

/** The description of a function, which is the only place where its version can be read. */
export function describeFunction(purpose: string, version: string): string {
  return `${purpose} (${PRODUCT.name} ${version})`;
}

/** @returns `undefined` if the description has no version, as before 0.2.0 */
export function productVersionOf(description: string | undefined): string | undefined {
  return new RegExp(`\\(${PRODUCT.name} (\\S+)\\)$`).exec(description ?? '')?.[1];
}
