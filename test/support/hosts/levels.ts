/** Jobs as users of their own need root; elsewhere such tests are listed as skipped. */
export const mayChangeUsers = process.getuid?.() === 0
