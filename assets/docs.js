/* Plugins of Swagger UI for the documentation page. */

/**
 * Text fields for items of an array. Swagger UI looks for a field by the format of the items. If there is none, as for `int32`, it
 * writes a warning to the console.
 */
const arrayItems = ({ React }) => ({
  components: {
    JsonSchema_integer_int32: (props) => React.createElement(props.getComponent('JsonSchema_string'), props)
  }
})

/**
 * Fills in only the parameters that a read needs: the required ones and `limit`. Swagger UI would send every example and default.
 * They become part of the description instead.
 */
const prefilling = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => (document) => {
          for (const { get } of Object.values(document.paths ?? {})) get?.parameters?.forEach(describeValues)
          return update(document)
        }
      }
    }
  }
})

function describeValues(parameter) {
  if (parameter.required || parameter.name === 'limit') return
  const values = { Example: parameter.example, Default: parameter.schema.default }
  for (const [label, value] of Object.entries(values)) {
    const items = [value ?? []].flat().filter((item) => item !== '')
    if (items.length > 0) parameter.description += `\n\n*${label}:* ${items.map((item) => `\`${item}\``).join(', ')}`
  }
  delete parameter.example
  delete parameter.schema.example
  delete parameter.schema.default
}

const isCommonHeader = (_, name) => /^(RateLimit|X)-/.test(name)

/** Lists the headers that every response has once for each operation, folded up, instead of under each status. */
const commonHeaders = ({ React: { createElement, Fragment } }) => ({
  wrapComponents: {
    headers: (Headers) => (props) => {
      const { headers, isCommon } = props
      return createElement(Headers, { ...props, headers: isCommon ? headers : headers.filterNot(isCommonHeader) })
    },
    responses: (Responses, system) => (props) => {
      const headers = system.specSelectors.specJson().getIn(['components', 'headers']).filter(isCommonHeader)
      const { getComponent } = props
      return createElement(
        Fragment,
        null,
        createElement(Responses, props),
        createElement(
          'details',
          { className: 'common-headers' },
          createElement('summary', null, 'Every response also has rate-limit headers and X-Request-Id'),
          createElement(getComponent('headers'), { getComponent, headers, isCommon: true })
        )
      )
    }
  }
})

/** Where the browser keeps who is signed in. Scripts cannot read the cookie, which is HttpOnly. */
const SIGNED_IN = 'product-catalog.signed-in'

/** Returns the username of the last sign-in on this page, unless its cookie has expired. */
function readUsername() {
  const { username, expires } = JSON.parse(localStorage.getItem(SIGNED_IN) ?? '{}')
  return expires > Date.now() ? username : undefined
}

const store = (username, seconds) =>
  localStorage.setItem(SIGNED_IN, JSON.stringify({ username, expires: Date.now() + seconds * 1000 }))

const hasBearer = ({ authSelectors }) => authSelectors.authorized()?.has('bearerAuth') === true

/** Says in the top bar who is signed in, and signs out. */
const session = ({ React: { createElement, Fragment } }) => ({
  statePlugins: {
    session: {
      actions: {
        refresh: () => ({ type: 'session_refresh', payload: readUsername() }),
        forget:
          () =>
          ({ sessionActions }) => {
            localStorage.removeItem(SIGNED_IN)
            sessionActions.refresh()
          },
        /** Asks the service whether the cookie of an earlier visit still works. */
        verify:
          () =>
          async ({ sessionActions }) => {
            if (readUsername() === undefined) return
            const response = await fetch('../products?limit=1', { method: 'HEAD' })
            // Chromium aborts a HEAD request if nobody reads its empty body.
            await response.text()
            if (response.status === 401) sessionActions.forget()
            else sessionActions.refresh()
          },
        signOut:
          () =>
          async ({ sessionActions }) => {
            const { ok, status } = await fetch('../auth', { method: 'DELETE' })
            if (ok || status === 401) sessionActions.forget()
          }
      },
      reducers: { session_refresh: (state, { payload }) => state.set('username', payload) },
      selectors: { username: (state) => state.get('username') }
    },
    spec: {
      wrapActions: {
        setResponse: (setResponse, system) => (path, method, response) => {
          const { sessionActions, specSelectors } = system
          const operation = `${method} ${path}`
          if (operation === 'post /auth' && response.status === 200) {
            store(
              JSON.parse(specSelectors.mutatedRequestFor(path, method).get('body')).username,
              JSON.parse(response.text).expiresIn
            )
            sessionActions.refresh()
          } else if (operation === 'delete /auth' && response.status === 204) sessionActions.forget()
          else if (operation !== 'post /auth' && response.status === 401 && !hasBearer(system)) sessionActions.forget()
          return setResponse(path, method, response)
        }
      }
    }
  },
  components: {
    Session: ({ authSelectors, sessionSelectors, sessionActions }) => {
      const username = sessionSelectors.username()
      const content = hasBearer({ authSelectors })
        ? ['Sending the bearer token from Authorize']
        : username === undefined
          ? []
          : [
              `Signed in as ${username} · `,
              createElement('button', { key: 'sign-out', type: 'button', onClick: sessionActions.signOut }, 'Sign out')
            ]
      return createElement('div', { className: 'session', role: 'status' }, content)
    }
  },
  wrapComponents: {
    DarkModeToggle:
      (DarkModeToggle, { getComponent }) =>
      (props) =>
        createElement(
          Fragment,
          null,
          createElement(getComponent('Session', true)),
          createElement(DarkModeToggle, props)
        )
  },
  afterLoad({ sessionActions }) {
    sessionActions.verify()
    // Sign-ins and sign-outs in other tabs.
    addEventListener('storage', ({ key }) => key === SIGNED_IN && sessionActions.refresh())
  }
})

SwaggerUIBundle.presets.apis = [SwaggerUIBundle.presets.apis, arrayItems, prefilling, commonHeaders, session]
