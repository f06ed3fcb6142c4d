/** The tag of a secret whose rotation is off on purpose. */
export const OFF_ON_PURPOSE = { key: 'zilliz:rotation', value: 'off' } as const;

export function isOffOnPurpose({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean {
  return tags[OFF_ON_PURPOSE.key] === OFF_ON_PURPOSE.value;
}
