/**
 * The numbers on which the SSM document and its caller agree. A document and its parameters hold 64 KB together
 * (AWS, CreateDocument: `Content`), so a payload takes half of that.
 */
export const HOST_DOCUMENT = {
  /** Systems Manager refuses a payload with anything else in it: none of this means something to a shell. */
  payloadPattern: '^[A-Za-z0-9_-]+$',
  /** A multiple of four: 24,000 bytes. */
  payloadCharacters: 32_000,
  /** Afterwards a command is not handed to a node any more. AWS takes no less than 30. */
  deliverySeconds: 60,
  /** Longer than any verb takes that waits as long as it may. Afterwards the agent kills it. */
  executionSeconds: 120,
} as const
