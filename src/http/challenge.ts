/** Authentication scheme: the value of `WWW-Authenticate` (RFC 6750, section 3). Some problems append parameters to it. */
export const CHALLENGE = 'Bearer realm="product-catalog"'
