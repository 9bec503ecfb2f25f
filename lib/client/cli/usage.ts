/** The command line cannot be understood; the text says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something that only the user can set is missing; showing the usage text would not help. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}
