/* Prints the sample catalog: `npm run sample` writes it to data/sample-products.json. */
import { renderSample } from './sample/make-sample.js'

process.stdout.write(renderSample())
