# syntax=docker/dockerfile:1

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY schemas schemas
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /app
# Of the database: its folder belongs to the user that the service runs as, and outlives the container.
RUN mkdir var && chown node:node var
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# For `docker exec CONTAINER catalog accounts list`.
RUN ln -s /app/dist/src/cli/catalog.js /usr/local/bin/catalog
COPY data/sample-products.json data/
COPY assets assets
COPY postman_collection.json ./
ENV HOST=0.0.0.0 PORT=5000 DATABASE_URL=file:/app/var/catalog.db
VOLUME /app/var
EXPOSE 5000
USER node
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# As npm start does: with room for the short-lived objects of some hundred requests, they are not looked through so often.
CMD ["node", "--min-semi-space-size=8", "--max-semi-space-size=8", "dist/src/server.js"]
