import { CLIENTS, checkNames, exercise, run, testClient } from './helpers/client.js'
import { generateAsDocumented } from './helpers/documented.js'
import { snippets } from './helpers/guides.js'
import { python, versionOfPackage } from './helpers/python.js'
import { OUT } from './helpers/report.js'
import { PASSWORD, startService } from './helpers/service.js'

const NAME = 'openapi-python-client'
const PAGE = 'clients/python'

testClient(NAME, versionOfPackage(NAME), ['python3'], async (t) => {
  const folder = `${OUT}/${NAME}`
  const interpreter = await python()
  t.notMatch(await generateAsDocumented(t, PAGE, NAME, folder), /Warning\(s\)|Error\(s\)/)
  checkNames(t, `${folder}/product-catalog-client`, '.py')

  await t.test('the example of the guide works', async (t) => {
    const { url } = await startService(t)
    const [program] = snippets(PAGE, 'python', url)
    const printed = await run(interpreter, ['-c', program.replaceAll('PASSWORD', PASSWORD)])
    t.match(printed, /^.+ [\d.]+\n/)
    t.match(printed, /\nProduct not found [\w-]+\n$/)
  })

  return await exercise(t, [interpreter, `${CLIENTS}/${NAME}/consumer.py`])
})
