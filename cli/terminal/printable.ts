/**
 * Takes control characters out of text that comes from elsewhere (AWS's answers, the function's log), so that none of
 * it can move the cursor of the operator's terminal.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
