// A parent for the tests: holds a reaper and starts a job that detaches itself completely.
import { spawn } from 'node:child_process'
import { startReaper } from '../../../../infra/local/processes/reaper.ts'

const marker = process.argv[2] ?? ''
const [name = '', value] = marker.split('=', 2)
const reaper = startReaper(marker)
const job = spawn('setsid', ['sh', '-c', 'trap "" TERM HUP INT; sleep 600 & echo up; wait'], {
  env: { PATH: process.env['PATH'], [name]: value },
  stdio: ['ignore', 'pipe', 'ignore'],
  detached: true,
})
job.stdout.once('data', () => console.log(reaper.pid))
