import { defineConfig } from 'orval'

export default defineConfig({
  catalog: {
    input: '../../../../openapi.yaml',
    output: {
      target: '../../out/orval/catalog.ts',
      client: 'fetch',
      headers: true,
      baseUrl: { runtime: 'process.argv[2]' }
    }
  }
})
