const LONGEST = 8_192

/** The token of an `Authorization: Bearer` header; undefined for anything else. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > LONGEST) return undefined
  return /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1]
}

/** Three parts of base64url; the signature may be missing, as it is where somebody says `alg: none`. */
export const looksLikeJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
