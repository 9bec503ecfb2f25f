// Another runtime, written against the public description of the Runtime API only.
const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`

for (;;) {
  const next = await fetch(`${base}/next`)
  const event = await next.json()
  const id = next.headers.get('Lambda-Runtime-Aws-Request-Id')
  const arn = next.headers.get('Lambda-Runtime-Invoked-Function-Arn')
  const [verb, answer] = event.fail
    ? ['error', { errorType: 'Foreign.Error', errorMessage: 'as asked' }]
    : ['response', { event, arn, handler: process.argv[2] }]
  const posted = await fetch(`${base}/${id}/${verb}`, { method: 'POST', body: JSON.stringify(answer) })
  await posted.text()
}
