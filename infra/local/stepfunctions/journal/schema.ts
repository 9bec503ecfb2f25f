import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * A turn's events are one row, and a branch's resting place is one row: a turn of a usual execution costs two
 * small writes. Finished executions keep their history only.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS definition (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS execution (
    id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, machine TEXT NOT NULL, name TEXT NOT NULL,
    definition INTEGER NOT NULL REFERENCES definition (id), status TEXT NOT NULL,
    started INTEGER NOT NULL, stopped INTEGER, input TEXT NOT NULL, output TEXT, error TEXT, cause TEXT
  );
  CREATE INDEX IF NOT EXISTS open_execution ON execution (id) WHERE status = 'RUNNING';
  CREATE TABLE IF NOT EXISTS history (
    execution INTEGER NOT NULL, first INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (execution, first)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS branch (
    execution INTEGER NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (execution, id)
  ) WITHOUT ROWID;
`

/**
 * @param path absent: nothing outlives the process
 * @throws when another process has it open: two engines would do everything twice
 */
export function openDatabase(path: string | undefined): DatabaseSync {
  // Inputs and task tokens are in there; SQLite gives its side files the same mode.
  if (path !== undefined) closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path ?? ':memory:')
  try {
    // NORMAL with WAL: what was committed outlives a kill of the process; a power cut may cost the last turns.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    database.exec('PRAGMA wal_autocheckpoint = 4000')
    database.exec(schema)
  } catch (error) {
    database.close()
    throw new Error(`the journal ${path ?? ''} cannot be opened: ${String(error)}`, { cause: error })
  }
  return database
}
