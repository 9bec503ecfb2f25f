// A parent for the tests: holds an emulator and prints its pid.
import { findBinary } from '../../../infra/local/dynamodb/binary.ts'
import { superviseDynoxide } from '../../../infra/local/dynamodb/supervisor.ts'

const supervised = await superviseDynoxide(findBinary(), process.argv[2] ?? '', console.error)
console.log(supervised.pid())
