/** Registers nothing: definitions in JSON import nothing. */
export function addCommonProtos(): void {}
