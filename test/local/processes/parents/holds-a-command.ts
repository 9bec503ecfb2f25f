// A parent for the tests: holds a command that has a child of its own, and says the leader's pid.
import { spawnTied } from '../../../../infra/local/processes/tied.ts'

const held = spawnTied('/bin/sh', ['-c', 'sleep 600 & echo up; wait'], {
  environment: { PATH: process.env['PATH'] ?? '' },
  onLine: () => console.log(held.pid),
})
