import t from 'tap'
import { TestProcess } from '../../helpers/process.js'

t.test('when the thread that calls SQLite ends, so does the process, and nobody is left waiting', async (t) => {
  // The thread is sent what it cannot read.
  const program = `
    import { Worker } from 'node:worker_threads'
    import { SqliteWorker } from ${JSON.stringify(`${process.cwd()}/dist/src/store/sqlite/worker.js`)}
    const post = Worker.prototype.postMessage
    Worker.prototype.postMessage = function () { post.call(this, null) }
    if (process.argv.includes('caught')) process.on('uncaughtException', ({ message }) => console.error('Caught', message))
    new SqliteWorker().run(0, { kind: 'close' }).catch(({ message }) => console.log('refused:', message))
  `
  const run = (...args: string[]) =>
    new TestProcess(t, [process.execPath, '--input-type=module', '--eval', program, '--', ...args], {}).finished
  const message = /The thread that calls SQLite exited with code 1/
  t.match(await run(), { code: 1, stderr: message })
  // As in the service, which stops in order.
  t.match(await run('caught'), {
    stdout: 'refused: The thread that calls SQLite exited with code 1.\n',
    stderr: message
  })
})
