import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { type Operation, operations } from './document.js'
import { PASSWORD } from './service.js'

/** The ids of the operations whose button was clicked. */
export const exercised = new Set<string>()

/** Returns the block of an operation on the page. */
export const block = (page: Page, { id, operation }: Operation) =>
  page.locator(`#operations-${operation.tags?.[0]}-${id}`)

export const named = (id: string) => operations.find((operation) => operation.id === id) as Operation

/** Loads the page. @param url Of the service. */
export async function load(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/docs`)
  await page.locator('.opblock').first().waitFor()
}

export async function open(page: Page, operation: Operation): Promise<void> {
  const opened = block(page, operation)
  if ((await opened.locator('.opblock-body').count()) === 0) await opened.locator('.opblock-summary-control').click()
  await opened.locator('.opblock-body .execute').waitFor()
}

export async function close(page: Page, operation: Operation): Promise<void> {
  await block(page, operation).locator('.opblock-summary-control').click()
}

/** Runs an operation by its button, and returns the status that the page shows. */
export async function execute(page: Page, operation: Operation): Promise<number> {
  await open(page, operation)
  await block(page, operation).locator('.execute').first().click()
  const status = block(page, operation).locator('.live-responses-table .response .response-col_status').first()
  exercised.add(operation.id)
  return Number.parseInt(await status.innerText(), 10)
}

export async function signInByPage(t: Test, page: Page): Promise<void> {
  await open(page, named('signIn'))
  const body = block(page, named('signIn')).locator('textarea.body-param__text')
  const filledIn = JSON.parse(await body.inputValue())
  await body.fill(JSON.stringify({ ...filledIn, password: PASSWORD }))
  t.equal(await execute(page, named('signIn')), 200, 'POST /auth by its button, with the name that was filled in')
}
