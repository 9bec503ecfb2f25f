#!/usr/bin/env node
// The command `drydock`, startable by any Node >= 20: goes on in this process if it is Node 24, else in a child
// on the Node 24 that the lockfile brings.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Halves the start (0.26 -> 0.14 s). Not in /tmp, where others could put code; where it cannot be written, it is not.
  module.enableCompileCache?.(beside('node_modules/.cache/drydock'))
  const { main } = await import('./main.ts')
  await main()
} else {
  supervise()
}

/**
 * The terminal sends Ctrl-C to both processes, a CI runner only to this one: signals are passed on as messages, so
 * that the child can count without taking one Ctrl-C for two. The channel's end tells it that this process died.
 */
function supervise() {
  const child = spawn(bundledNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, DRYDOCK_SUPERVISED: '1' },
  })
  // Not delivered: the child is ending already, and its end ends this process too.
  for (const signal of SIGNALS) process.on(signal, () => child.send({ signal }, () => undefined))
  child.on('error', (error) => fail(error.message))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function bundledNode() {
  const path = beside(`node_modules/node-linux-${process.arch}/bin/node`)
  if (existsSync(path)) return path
  return fail(
    `Node 24 is needed; this is ${process.version} and none is installed with Drydock yet: npm install brings it.`,
  )
}

/** In this package, wherever links to this file lie. */
function beside(path) {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url))
}

function fail(text) {
  console.error(`drydock: ${text}`)
  return process.exit(125)
}
