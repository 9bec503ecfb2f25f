// Starts a command of this project on Node 24, whatever Node started npm: installs what the lockfile
// names when that is missing, so that one typed command is enough on a fresh clone.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const modules = join(root, 'node_modules')

install()
linkOwnCommand()
const [command, ...args] = process.argv.slice(2)
const invocation = command.endsWith('.ts')
  ? [join(root, command), ...args]
  : [join(modules, '.bin', command), ...args]
const child = spawn(node24(), invocation, {
  stdio: 'inherit',
  env: { ...compileCache(), ...process.env, PATH: `${dirname(node24())}:${process.env.PATH}` },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
watchNpm()
child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))

/**
 * An npm that is killed cannot pass that on: what it started ends with it. Some shells stay between it and this
 * process, so it is looked for by its name. Only where there is a `/proc`.
 */
function watchNpm() {
  if (process.env.npm_lifecycle_event === undefined) return
  const shell = process.ppid
  const npm = [shell, parentOf(shell)].find((pid) => /^npm\b|[/]npm/.test(readProcess(pid, 'cmdline')))
  if (npm === undefined) return
  const isThere = () => process.ppid === shell && (npm === shell || parentOf(shell) === npm)
  setInterval(() => isThere() || child.kill('SIGTERM'), 500).unref()
}

function parentOf(pid) {
  const stat = readProcess(pid, 'stat')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function readProcess(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** npm writes the hidden lockfile last: it is missing or old after an install that was cut short. */
function install() {
  const installed = join(modules, '.package-lock.json')
  const wanted = join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return
  console.error('Installing what package-lock.json names (once) ...')
  // Not `npm ci`: it refuses a lockfile without the optional binaries of other platforms, which not every registry has.
  const args = ['install', '--no-save', '--ignore-scripts']
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

/** `npx drydock` finds commands of dependencies only; this makes it find the project's own. */
function linkOwnCommand() {
  const link = join(modules, '.bin', 'drydock')
  if (lstatSync(link, { throwIfNoEntry: false })) return
  mkdirSync(dirname(link), { recursive: true })
  try {
    symlinkSync('../../lib/client/cli/bin.mjs', link)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
}

/** Our own programs start in half the time when what they compiled is kept; tools bring caches of their own. */
function compileCache() {
  return command.endsWith('.ts') ? { NODE_COMPILE_CACHE: join(modules, '.cache/node') } : {}
}

function node24() {
  const bundled = join(modules, `node-linux-${process.arch}`, 'bin', 'node')
  if (existsSync(bundled)) return bundled
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  console.error(
    `Drydock needs Node 24; this is ${process.version} and no bundled Node fits ${process.platform}-${process.arch}.`,
  )
  return process.exit(1)
}
