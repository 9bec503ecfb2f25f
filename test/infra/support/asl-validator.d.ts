declare module 'asl-validator' {
  /** The package brings no types; this is what its documentation says. */
  export default function validate(definition: object): {
    readonly isValid: boolean
    readonly errors: readonly { readonly message: string }[]
  }
}
