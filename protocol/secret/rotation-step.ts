/**
 * The four steps of a rotation, spelled as Secrets Manager sends them. One page of AWS's
 * documentation prints `create_secret`.
 */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export type Step = (typeof STEPS)[number];
