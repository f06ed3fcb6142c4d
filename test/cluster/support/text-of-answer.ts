/** All text that the caller of a request gets. */
export async function textOf(answer: Promise<unknown>): Promise<string> {
  try {
    const value = await answer;
    return `${JSON.stringify(value)} ${Object.values(value as object).join(' ')}`;
  } catch (error) {
    return `${String(error)} ${JSON.stringify(error)}`;
  }
}
