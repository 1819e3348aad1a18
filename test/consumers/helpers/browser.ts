import { mkdirSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { installDebian } from './debian.js'
import { OUT } from './report.js'

const CHROMIUM = '/usr/bin/chromium'
/** Flags that stop Chromium from calling hosts of Google at every start. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** Starts Debian's Chromium in headless mode. Installs it if possible. Returns undefined if it is not available. */
export async function launchChromium(t: Test): Promise<Browser | undefined> {
  if (!installDebian(CHROMIUM, 'chromium')) return undefined
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  t.teardown(() => browser.close())
  return browser
}

/** A tab and its errors: console messages, rejected or failed requests, and requests to other hosts. */
export async function openTab(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`))
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.request().method()} ${response.url()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`foreign: ${request.url()}`)
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`))
  })
  return { page, faults }
}

/** Saves a screenshot. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(`${OUT}/screenshots`, { recursive: true })
  await page.screenshot({ path: `${OUT}/screenshots/${name}.png` })
}

/** Returns the elements that overflow the page to the right, or are clipped and cannot be scrolled to. */
export async function cutOff(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const name = (element: Element) => `${element.tagName}.${element.getAttribute('class')}`
    const scrolls = (element: Element | null): boolean =>
      element?.closest('#swagger-ui') != null &&
      (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const found = document.documentElement.scrollWidth > width ? ['the page scrolls sideways'] : []
    // The skip link is visible only when it has the focus.
    for (const element of document.querySelectorAll('#swagger-ui *:not(input, .swagger-ui__skip-link)')) {
      const { left, right, width: own } = element.getBoundingClientRect()
      if (own === 0 || !element.checkVisibility() || scrolls(element.parentElement)) continue
      if (right > width + 1 || left < -1) found.push(`${name(element)} reaches from ${left} to ${right}`)
      const { overflowX } = getComputedStyle(element)
      if (/hidden|clip/.test(overflowX) && element.scrollWidth > element.clientWidth + 1)
        found.push(`${name(element)} is cut`)
    }
    return found
  })
}

/** Returns the texts whose contrast is below WCAG 2.2 (AA): 4.5, or 3 for large text. */
export async function faintTexts(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    type Color = [red: number, green: number, blue: number, alpha: number]
    const canvas = document
      .createElement('canvas')
      .getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D
    const toColor = (color: string): Color => {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data
      return [red, green, blue, alpha / 255]
    }
    const over = ([red, green, blue, alpha]: Color, below: Color): Color => {
      const mix = (above: number, under: number) => above * alpha + under * (1 - alpha)
      return [mix(red, below[0]), mix(green, below[1]), mix(blue, below[2]), 1]
    }
    const behind = (element: Element | null): Color => {
      if (element === null) return toColor('Canvas')
      const own = toColor(getComputedStyle(element).backgroundColor)
      return own[3] === 1 ? own : over(own, behind(element.parentElement))
    }
    const opacity = (element: Element | null): number =>
      element === null ? 1 : Number(getComputedStyle(element).opacity) * opacity(element.parentElement)
    const luminance = ([red, green, blue]: Color) => {
      const linear = (value: number) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4)
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
    const found = new Set<string>()
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent?.trim() ?? ''
      const element = texts.currentNode.parentElement as HTMLElement
      if (text === '' || ['SCRIPT', 'STYLE', 'OPTION'].includes(element.tagName) || !element.checkVisibility()) continue
      const { color, fontSize, fontWeight } = getComputedStyle(element)
      const back = behind(element)
      const fore = toColor(color)
      fore[3] *= opacity(element)
      const [dark = 0, light = 0] = [luminance(over(fore, back)), luminance(back)].sort((a, b) => a - b)
      const contrast = (light + 0.05) / (dark + 0.05)
      const size = Number.parseFloat(fontSize)
      const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
      if (contrast < (isLarge ? 3 : 4.5)) {
        found.add(`${contrast.toFixed(2)} "${text.slice(0, 30)}" ${element.tagName}.${element.className}`)
      }
    }
    return [...found]
  })
}
