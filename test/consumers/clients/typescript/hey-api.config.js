import { defineConfig } from '@hey-api/openapi-ts'

// Its paths are from the folder test/consumers.
export default defineConfig({
  input: '../../openapi.yaml',
  output: { path: 'out/hey-api', module: { extension: '.js' } },
  plugins: ['@hey-api/client-fetch']
})
