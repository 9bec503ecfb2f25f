// Finds the function that `_HANDLER` names, with the service's own names for what can be wrong.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * @param {string} root the code's directory
 * @param {string} handler `path/file.export`, where the export may be nested (`file.a.b`)
 */
export async function loadHandler(root, handler) {
  const [, path, name] = /^(.*?[^/.][^/.]*)\.(.+)$/.exec(handler) ?? []
  if (path === undefined) throw named('Runtime.MalformedHandlerName', `Bad handler: ${handler}`)
  const file = ['.js', '.mjs', '.cjs']
    .map((end) => resolve(root, path + end))
    .find((file) => existsSync(file))
  if (file === undefined) throw named('Runtime.ImportModuleError', `Cannot find module '${path}'`)
  const module = await load(file)
  const found = pick(module, name) ?? pick(module.default, name)
  if (found === undefined) throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`)
  if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${handler} is not a function`)
  if (found.length > 2) {
    throw named('Runtime.CallbackHandlerDeprecated', 'Node.js 24 knows no handlers with a callback')
  }
  return found
}

async function load(file) {
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', error.message, error)
    if (/^(ERR_)?MODULE_NOT_FOUND$/.test(error?.code ?? '')) {
      throw named('Runtime.ImportModuleError', error.message, error)
    }
    throw error
  }
}

const pick = (module, name) => name.split('.').reduce((value, key) => value?.[key], module)

function named(name, message, cause) {
  return Object.assign(new Error(message, { cause }), { name })
}
