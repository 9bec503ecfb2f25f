const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** RFC 4648, lower case, without padding: 16 bytes make 26 characters. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let kept = 0
  let bits = 0
  for (const byte of bytes) {
    kept = (kept << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((kept >>> bits) & 31)
    }
    kept &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + ALPHABET.charAt((kept << (5 - bits)) & 31)
}
