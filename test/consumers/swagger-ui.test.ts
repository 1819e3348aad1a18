import { networkInterfaces } from 'node:os'
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { cutOff, faintTexts, launchChromium, openTab, picture } from './helpers/browser.js'
import { document, operations } from './helpers/document.js'
import { report, reportNotRun } from './helpers/report.js'
import { signIn, startService } from './helpers/service.js'
import { block, close, execute, exercised, load, named, open, signInByPage } from './helpers/swagger-page.js'

const NAME = 'Swagger UI in Chromium'
const reads = operations.filter(({ method }) => method === 'get')
/** This machine's own address, so that it is not loopback for which browsers make exceptions. */
const own = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address
const browser = (await launchChromium(t)) as Browser
if (browser === undefined) {
  reportNotRun(NAME, 'no Chromium here')
  t.end()
  process.exit()
}
const { port } = await startService(t, { HOST: '0.0.0.0' })
const local = `http://localhost:${port}`

for (const host of ['localhost', ...(own === undefined ? [] : [own])]) {
  t.test(`at ${host}: the page lists every operation, and every prefilled GET succeeds with the cookie`, async (t) => {
    const url = `http://${host}:${port}`
    const { page, faults } = await openTab(browser, url)
    await load(page, url)

    t.equal(await page.title(), 'Product Catalog: API')
    t.equal(await page.locator('.opblock').count(), operations.length)
    t.equal(
      await page.locator('section.models .model-container').count(),
      Object.keys(document.components?.schemas ?? {}).length
    )
    t.match(await page.locator('.info .renderedMarkdown').innerText(), /Sign in: run POST \/auth.*Run GET \/products/s)
    t.equal(await page.locator('link[rel=icon]').getAttribute('type'), 'image/svg+xml')
    t.ok(await page.locator('.topbar img').evaluate((logo) => (logo as HTMLImageElement).naturalWidth > 0))
    await picture(page, `start-${host}`)

    await signInByPage(t, page)
    for (const operation of reads) {
      t.match(String(await execute(page, operation)), /^2/, `GET ${operation.path}`)
      await close(page, operation)
    }
    t.strictSame(faults, [], 'nothing on the console, nothing refused, nothing from elsewhere')
    await page.context().close()
  })
}

t.test('the description fits one screen with the first operations below it', async (t) => {
  const { page } = await openTab(browser, local, { viewport: { width: 1280, height: 800 } })
  await load(page, local)
  const { top, bottom } = await page
    .locator('.info .renderedMarkdown')
    .first()
    .evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect()
      return { top, bottom }
    })
  t.ok(top > 0 && bottom < 800, `it ends ${bottom} pixels below the top`)
  await picture(page, 'description')
  await page.context().close()
})

t.test(
  'reads are prefilled with `limit` and required parameters only, and show the other examples as text',
  async (t) => {
    const { page } = await openTab(browser, local)
    await load(page, local)
    for (const operation of reads) {
      await open(page, operation)
      const row = (name: string) => block(page, operation).locator(`tr[data-param-name="${name}"]`)
      for (const { name, required } of (operation.operation.parameters ?? []) as {
        name: string
        required?: boolean
      }[]) {
        const values = await row(name)
          .locator('input, select, textarea')
          .evaluateAll((fields) =>
            fields
              .map((field) => (field as HTMLInputElement).value)
              .filter((value) => value !== '' && value !== 'false')
          )
        t.equal(values.length, required || name === 'limit' ? 1 : 0, `${operation.id} ${name}: ${values}`)
      }
      if (operation.id === 'listProducts') {
        t.match(await row('q').innerText(), /Example: beauty/)
        t.match(await row('minPrice').innerText(), /Example: 5\s+Default: 0/)
        await row('q').locator('input').fill('mascara')
        const [request] = await Promise.all([
          page.waitForRequest(/\/products\?/),
          block(page, operation).locator('.execute').first().click()
        ])
        t.equal(new URL(request.url()).search, '?q=mascara&limit=30')
      }
      await close(page, operation)
    }
    await page.context().close()
  }
)

t.test('the common response headers are listed once for each operation, collapsed', async (t) => {
  const { page } = await openTab(browser, local)
  await load(page, local)
  const list = block(page, named('listProducts'))
  await open(page, named('listProducts'))
  const names = () => list.locator('.headers td:first-child').allInnerTexts()
  t.match(await list.locator('.responses-table .headers td:first-child').allInnerTexts(), ['Link', 'ETag'])
  t.notMatch((await list.locator('.responses-table .headers td:first-child').allInnerTexts()).join(), /RateLimit|X-/)
  t.notOk(await list.locator('.common-headers table').isVisible())
  await list.locator('.common-headers summary').click()
  t.ok(await list.locator('.common-headers table').isVisible())
  t.strictSame((await names()).filter((name) => /^(RateLimit|X)-/.test(name)).sort(), [
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'X-Content-Type-Options',
    'X-Request-Id'
  ])
  await page.context().close()
})

t.test('the page shows the signed-in account in all tabs and after a reload, and signs out', async (t) => {
  const { page, faults } = await openTab(browser, local)
  const shown = (tab: Page, text: string) =>
    tab.waitForFunction((text) => window.document.querySelector('.topbar .session')?.textContent === text, text)
  await load(page, local)
  t.equal(await page.locator('.topbar .session').innerText(), '')
  await signInByPage(t, page)
  await shown(page, 'Signed in as admin · Sign out')

  await page.reload()
  await shown(page, 'Signed in as admin · Sign out')
  await picture(page, 'signed-in')
  const other = await page.context().newPage()
  await load(other, local)
  await shown(other, 'Signed in as admin · Sign out')
  t.equal(await execute(page, named('listProducts')), 200)

  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  for (const tab of [page, other]) await shown(tab, '')
  t.strictSame(
    (await page.context().cookies()).map(({ name }) => name),
    ['device']
  )
  t.equal(await execute(other, named('listProducts')), 401)

  await signInByPage(t, page)
  t.equal(await execute(page, named('signOut')), 204)
  await shown(page, '')
  t.strictSame(faults, [], 'nothing on the console')

  await signInByPage(t, page)
  await shown(page, 'Signed in as admin · Sign out')
  await page.context().clearCookies()
  await page.reload()
  await page.waitForResponse((response) => response.status() === 401)
  await shown(page, '')
  await page.context().close()
})

t.test('the page creates, changes and deletes one product, and no other product changes', async (t) => {
  const { page, faults } = await openTab(browser, local)
  const authorization = `Bearer ${await signIn({ url: local, port })}`
  const readAll = async () => await (await fetch(`${local}/products/export`, { headers: { authorization } })).text()
  const before = await readAll()
  await load(page, local)
  await signInByPage(t, page)
  const response = (id: string) => block(page, named(id)).locator('.live-responses-table .response').first()
  const input = (id: string, name: string) =>
    block(page, named(id)).locator(`tr[data-param-name="${name}"] input`).first()

  t.equal(await execute(page, named('createProduct')), 201, 'as it is filled in')
  const text = await response('createProduct').innerText()
  const id = text.match(/"id": (\d+)/)?.[1] as string
  const etag = text.match(/etag: ("[^"]+")/)?.[1] as string

  const requests: string[] = []
  page.on('request', (request) => requests.push(request.method()))
  const writes = () => requests.filter((method) => method !== 'GET')
  for (const name of ['updateProduct', 'deleteProduct', 'revertProduct']) {
    await open(page, named(name))
    t.equal(await input(name, 'id').inputValue(), '', `${name} asks for an id`)
    await block(page, named(name)).locator('.execute').first().click()
    await block(page, named(name)).locator('tr[data-param-name="id"] input.invalid').waitFor()
  }
  t.strictSame(writes(), [], 'nothing is sent without an id')

  await input('deleteProduct', 'id').fill(id)
  t.equal(await execute(page, named('deleteProduct')), 412, 'the entity tag that is filled in is of no product')
  await input('deleteProduct', 'If-Match').fill(etag)
  await execute(page, named('deleteProduct'))
  await response('deleteProduct').getByText('204').first().waitFor()
  t.equal(await readAll(), before)
  t.match(
    faults.filter((fault) => !/412/.test(fault)),
    { length: 0 }
  )
  await page.context().close()
})

t.test('a token entered in Authorize is sent, even after a reload', async (t) => {
  const { page, faults } = await openTab(browser, local)
  await load(page, local)
  await page.locator('.btn.authorize').click()
  const bearer = page.locator('.dialog-ux .auth-container').first()
  await bearer.locator('input').fill(await signIn({ url: local, port }))
  await bearer.locator('.auth.authorize').click()
  await picture(page, 'authorize')
  await page.locator('.dialog-ux .btn-done').first().click()
  t.equal(await execute(page, named('listProducts')), 200)
  t.equal(await page.locator('.topbar .session').innerText(), 'Sending the bearer token from Authorize')

  await page.reload()
  await page.locator('.opblock').first().waitFor()
  t.equal(await page.locator('.topbar .session').innerText(), 'Sending the bearer token from Authorize')
  const [request] = await Promise.all([
    page.waitForRequest(`${local}/categories`),
    execute(page, named('listCategories')).then((status) => t.equal(status, 200))
  ])
  t.match(request.headers().authorization, /^Bearer ey/)
  t.strictSame(await page.context().cookies(), [], 'no cookie has helped')
  t.strictSame(faults, [])
  await page.context().close()
})

t.test('a deep link opens its operation', async (t) => {
  const { page, faults } = await openTab(browser, local)
  await page.goto(`${local}/docs#/catalog/getProduct`)
  await block(page, named('getProduct')).locator('.opblock-body').waitFor()
  t.equal(await page.locator('.opblock-body').count(), 1, 'and no other')
  // The page goes there when it is drawn.
  await block(page, named('getProduct')).evaluate(async (element) => {
    while (element.getBoundingClientRect().top >= innerHeight) await new Promise(requestAnimationFrame)
  })
  t.strictSame(faults, [])
  await page.context().close()
})

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`${colorScheme}: every text has enough contrast`, async (t) => {
    const { page } = await openTab(browser, local, { colorScheme })
    await load(page, local)
    t.equal(await page.locator('html.dark-mode').count(), colorScheme === 'dark' ? 1 : 0, 'as the system has it')
    await picture(page, `${colorScheme}-start`)
    await signInByPage(t, page)
    for (const id of ['listProducts', 'updateProduct', 'signOut']) await open(page, named(id))
    await execute(page, named('listProducts'))
    await page.locator('section.models .model-toggle, section.models button').first().click()
    t.strictSame(await faintTexts(page), [])
    await block(page, named('listProducts')).scrollIntoViewIfNeeded()
    await picture(page, `${colorScheme}-operation`)
    await page.locator('.btn.authorize').click()
    t.strictSame(await faintTexts(page), [])
    await page.context().close()
  })
}

t.test('the keyboard reaches an operation from the top of the page, and opens it', async (t) => {
  const { page } = await openTab(browser, local)
  await load(page, local)
  const focused = () =>
    page.evaluate(() => {
      const element = window.document.activeElement as Element
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      return {
        label: element.getAttribute('aria-label') ?? element.textContent ?? '',
        operation: element.closest('.opblock')?.id,
        isVisible: (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== 'none'
      }
    })
  let at = await focused()
  for (let tabs = 0; at.operation !== 'operations-auth-signIn' && tabs < 100; tabs++) {
    await page.keyboard.press('Tab')
    at = await focused()
    t.ok(at.isVisible, `it shows that the focus is on: ${at.label.slice(0, 40)}`)
  }
  t.equal(at.operation, 'operations-auth-signIn')

  await page.keyboard.press('Enter')
  await block(page, named('signIn')).locator('.execute').waitFor()
  await picture(page, 'keyboard')
  await page.keyboard.press('Enter')
  t.equal(await block(page, named('signIn')).locator('.opblock-body').count(), 0, 'and out again')
  await page.context().close()
})

t.test('on a phone, nothing is cut off and the page does not scroll sideways', async (t) => {
  const viewport = { width: 375, height: 812 }
  const { page, faults } = await openTab(browser, local, { viewport, isMobile: true, hasTouch: true })
  await load(page, local)
  t.equal(await page.evaluate(() => innerWidth), 375)
  await picture(page, 'telephone-start')
  t.strictSame(await cutOff(page), [])
  await signInByPage(t, page)
  for (const operation of operations) {
    await open(page, operation)
    if (operation.method === 'get') await execute(page, operation)
    await block(page, operation).scrollIntoViewIfNeeded()
    if (operation.id === 'listProducts') await picture(page, 'telephone-operation')
    t.strictSame(await cutOff(page), [], operation.id)
    await close(page, operation)
  }
  await page.evaluate(() => scrollTo(0, 0))
  await picture(page, 'telephone-signed-in')
  await page.locator('.btn.authorize').click()
  await picture(page, 'telephone-authorize')
  t.strictSame(await cutOff(page), [])
  t.strictSame(faults, [])
  await page.context().close()
})

t.test('report', async () => report(NAME, browser.version(), exercised.size, t.counts.fail))
