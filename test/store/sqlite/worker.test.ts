import t from 'tap'
import { TestProcess } from '../../helpers/process.js'

t.test('if the SQLite thread ends, its pending calls are rejected and the process exits', async (t) => {
  // The program sends the thread a message that it cannot handle.
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
  // Like the service, which handles the error and stops in order.
  t.match(await run('caught'), {
    stdout: 'refused: The thread that calls SQLite exited with code 1.\n',
    stderr: message
  })
})
