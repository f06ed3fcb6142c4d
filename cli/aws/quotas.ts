/** Below AWS's quota of 50 a second for ListSecretVersionIds. */
export const VERSION_LISTS_PER_SECOND = 40;
